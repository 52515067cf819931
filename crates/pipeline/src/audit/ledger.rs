//! What becomes known of a call, stage by stage, for its audit record.

use std::borrow::Cow;
use std::sync::Arc;

use base::{AccountId, Region, RequestId};
use crypto::random;
use sigv4::Presented;
use smallvec::SmallVec;
use wire::{Fault, Protocol, ServiceFacts};

use super::Abroad;
use super::event::{Event, EventRecord};
use super::segment::append_entry;
use crate::access::Touched;
use crate::entry::Decoded;
use crate::receive::{Body, Received};
use crate::resource_usage::{ResourceUsage, Use};
use crate::route::{Lost, NO_QUERY_SERVICE, Routed};
use crate::standing::Standing;
use crate::via::Via;
use crate::{Call, Entry, Failure};

/// Gathers the facts of one call.
pub(crate) struct Ledger<'a> {
    pub(super) received: &'a Received,
    service: &'static ServiceFacts,
    /// What the caller speaks, as far as that is known.
    spoken: Protocol,
    pub(super) operation: Cow<'a, str>,
    /// Whether the call is a use of what it touches.
    tracks_use: bool,
    pub(super) read_only: bool,
    pub(super) region: Region,
    pub(super) claimed: Option<String>,
    owner: Option<AccountId>,
    pub(super) standing: Option<Arc<Standing>>,
    pub(super) parameters: Vec<u8>,
    pub(super) touched: Touched,
    /// Principal of the service that calls on the caller's behalf: `invokedBy`.
    pub(super) invoked_by: Option<&'static str>,
    forwarded: Vec<EventRecord>,
}

/// Records of one call: one for each account it concerns.
pub(crate) type Events = SmallVec<[EventRecord; 1]>;

impl<'a> Ledger<'a> {
    pub(crate) fn new(received: &'a Received) -> Self {
        Self {
            received,
            service: &NO_QUERY_SERVICE,
            spoken: Protocol::Query,
            operation: Cow::Borrowed("Unknown"),
            tracks_use: false,
            read_only: false,
            region: Region::US_EAST_1,
            claimed: None,
            owner: None,
            standing: None,
            parameters: Vec::new(),
            touched: Touched::new(),
            invoked_by: None,
            forwarded: Vec::new(),
        }
    }

    /// That of a call which a service makes on its caller's behalf.
    pub(crate) fn forwarded(call: &Call<'a>, entry: &'static Entry, parameters: Vec<u8>) -> Self {
        Self {
            service: entry.facts.service,
            spoken: entry.facts.service.protocol,
            operation: Cow::Borrowed(entry.facts.name),
            tracks_use: entry.tracks_use,
            read_only: entry.facts.read_only,
            region: call.region,
            standing: Some(call.standing.clone()),
            parameters,
            invoked_by: call.via.map(Via::principal),
            ..Self::new(call.received)
        }
    }

    pub(crate) fn lost(&mut self, lost: Lost) -> Failure {
        self.service = lost.service;
        self.spoken = lost.service.protocol;
        lost.fault.into()
    }
    pub(crate) fn routed(&mut self, routed: &Routed<'a>) -> Protocol {
        self.service = routed.facts;
        self.spoken = routed.spoken;
        self.operation = routed.operation.clone();
        self.protocol()
    }
    /// The request claims to be signed so, whatever becomes of it.
    pub(crate) fn claims(&mut self, presented: &Presented<'_>) {
        self.claimed = Some(presented.access_key_id().to_owned());
        self.region = presented.scope().region.parse().unwrap_or(self.region);
    }
    /// The call came to this region.
    pub(crate) fn called_in(&mut self, region: Region) {
        self.region = region;
    }
    /// The key claimed belongs to this account, whether or not the signature holds.
    pub(crate) fn owned_by(&mut self, account: AccountId) {
        self.owner = Some(account);
    }
    pub(crate) fn authenticated(&mut self, standing: &Arc<Standing>) {
        self.standing = Some(standing.clone());
    }
    /// What is called; of the input nothing yet.
    pub(crate) fn named(&mut self, entry: &'static Entry) {
        self.operation = Cow::Borrowed(entry.facts.name);
        self.tracks_use = entry.tracks_use;
        self.read_only = entry.facts.read_only;
    }
    pub(crate) fn decoded(&mut self, entry: &'static Entry, input: &dyn Decoded) {
        self.named(entry);
        input.parameters(&mut self.parameters);
    }
    pub(crate) fn touched(&mut self, touched: Touched) {
        self.touched = touched;
    }

    /// The records of the calls that a call which failed had made of other services.
    pub(crate) fn forwards(&mut self, events: Vec<EventRecord>) {
        self.forwarded = events;
    }
    pub(crate) fn forwarded_events(&self) -> &[EventRecord] {
        &self.forwarded
    }

    pub(crate) fn received(&self) -> &'a Received {
        self.received
    }
    pub(crate) fn id(&self) -> RequestId {
        self.received.id
    }
    pub(crate) fn protocol(&self) -> Protocol {
        self.spoken
    }
    /// Whether the caller has proved to be somebody.
    pub(crate) fn is_authenticated(&self) -> bool {
        self.standing.is_some()
    }
    /// Whether the input was understood; what is recorded of it is never nothing.
    pub(crate) fn is_decoded(&self) -> bool {
        !self.parameters.is_empty()
    }
    /// Whether the request came with its whole body, and is for a service.
    pub(crate) fn is_whole(&self) -> bool {
        let whole = matches!(self.received.body, Body::Whole(_));
        whole && !self.service.operations.is_empty()
    }
    pub(crate) fn service(&self) -> &'static ServiceFacts {
        self.service
    }
    /// Where the event is recorded: events of global services in us-east-1.
    pub(super) fn event_region(&self) -> Region {
        match self.service.global {
            true => Region::US_EAST_1,
            false => self.region,
        }
    }

    /// Notes the use of every resource of this call that is of `account`, where `event` is its record.
    fn note_use(&self, usage: &ResourceUsage, account: Option<AccountId>, event: RequestId) {
        let touched = self.touched.iter();
        for (arn, _) in touched.filter(|(_, owner)| account == Some(*owner)) {
            usage.note(&Use {
                arn,
                at: self.received.at,
                operation: &self.operation,
                request: self.id(),
                event,
            });
        }
    }

    /// Notes the uses that `events`, the records of this call, tell of.
    pub(crate) fn note_uses(&self, usage: &ResourceUsage, events: &[EventRecord]) {
        if self.tracks_use {
            let events = events.iter();
            events.for_each(|event| self.note_use(usage, event.account, event.id));
        }
    }

    /// The records of this call: the caller's account's, and one for each other account whose resource was
    /// touched, tied by a shared event id. A failure is recorded for the caller alone, as AWS does for denials.
    pub(crate) fn events(&self, elements: &[u8], fault: Option<&Fault>) -> Events {
        let mut events = Events::new();
        self.each_event(elements, fault, &mut |event| events.push(event.record()));
        events
    }

    /// The same in the form that segments join, at the end of `to`.
    pub(crate) fn write_events(
        &self,
        elements: &[u8],
        fault: Option<&Fault>,
        usage: &ResourceUsage,
        to: &mut Vec<u8>,
    ) {
        self.each_event(elements, fault, &mut |event| {
            if self.tracks_use && fault.is_none() {
                self.note_use(usage, event.recipient, event.id);
            }
            append_entry(to, |to| event.write_form(to));
        });
    }

    fn each_event(&self, elements: &[u8], fault: Option<&Fault>, each: &mut dyn FnMut(&Event<'_>)) {
        let caller = self.standing.as_ref().map(|standing| &standing.caller);
        let home = caller.map(|caller| caller.account).or(self.owner);
        let mut recipients: SmallVec<[Option<AccountId>; 2]> = SmallVec::new();
        recipients.push(home);
        if fault.is_none() {
            for (_, account) in &self.touched {
                if !recipients.contains(&Some(*account)) {
                    recipients.push(Some(*account));
                }
            }
        }
        let shared = (recipients.len() > 1).then(|| RequestId::from_random(random::bytes()));
        for recipient in recipients {
            each(&Event {
                ledger: self,
                recipient,
                home,
                id: RequestId::from_random(random::bytes()),
                shared,
                elements,
                fault,
                abroad: None,
            });
        }
    }

    /// The record of what this call did in another region.
    pub(crate) fn abroad(&self, abroad: &Abroad) -> EventRecord {
        let home = self.standing.as_ref();
        let home = home.map(|standing| standing.caller.account);
        let event = Event {
            ledger: self,
            recipient: home,
            home,
            id: RequestId::from_random(random::bytes()),
            shared: None,
            elements: &[],
            fault: None,
            abroad: Some(abroad),
        };
        event.record()
    }
}
