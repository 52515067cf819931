//! What becomes known of a call, stage by stage, for its audit record.

use std::borrow::Cow;
use std::sync::Arc;

use base::{AccountId, Region, RequestId};
use crypto::random;
use identity::Caller;
use sigv4::Presented;
use smallvec::SmallVec;
use wire::{Fault, Protocol, ServiceFacts};

use super::event::{Event, EventRecord};
use crate::access::Touched;
use crate::authenticate::Authenticated;
use crate::entry::Decoded;
use crate::receive::Received;
use crate::resource_usage::Use;
use crate::route::{Lost, NO_QUERY_SERVICE, Routed};
use crate::{Entry, Failure};

/// Gathers the facts of one call.
pub(crate) struct Ledger<'a> {
    pub(super) received: &'a Received,
    service: &'static ServiceFacts,
    pub(super) operation: Cow<'a, str>,
    entry_name: &'static str,
    pub(super) read_only: bool,
    pub(super) region: Region,
    pub(super) claimed: Option<String>,
    owner: Option<AccountId>,
    pub(super) caller: Option<Arc<Caller>>,
    pub(super) parameters: Vec<u8>,
    pub(super) touched: Touched,
}

/// Records of one call: one for each account it concerns.
pub(crate) type Events = SmallVec<[EventRecord; 1]>;

impl<'a> Ledger<'a> {
    pub(crate) fn new(received: &'a Received) -> Self {
        Self {
            received,
            service: &NO_QUERY_SERVICE,
            operation: Cow::Borrowed("Unknown"),
            entry_name: "",
            read_only: false,
            region: Region::US_EAST_1,
            claimed: None,
            owner: None,
            caller: None,
            parameters: Vec::new(),
            touched: Touched::new(),
        }
    }

    pub(crate) fn lost(&mut self, lost: Lost) -> Failure {
        self.service = lost.service;
        lost.fault.into()
    }
    pub(crate) fn routed(&mut self, routed: &Routed<'a>) -> Protocol {
        self.service = routed.facts;
        self.operation = routed.operation.clone();
        self.protocol()
    }
    /// The request claims to be signed so, whatever becomes of it.
    pub(crate) fn claims(&mut self, presented: &Presented<'_>) {
        self.claimed = Some(presented.access_key_id().to_owned());
        self.region = presented.scope().region.parse().unwrap_or(self.region);
    }
    /// The key claimed belongs to this account, whether or not the signature holds.
    pub(crate) fn owned_by(&mut self, account: AccountId) {
        self.owner = Some(account);
    }
    pub(crate) fn authenticated(&mut self, authenticated: &Authenticated) {
        self.caller = Some(authenticated.caller.clone());
    }
    pub(crate) fn decoded(&mut self, entry: &'static Entry, input: &dyn Decoded) {
        self.operation = Cow::Borrowed(entry.facts.name);
        self.entry_name = entry.facts.name;
        self.read_only = entry.facts.read_only;
        input.parameters(&mut self.parameters);
    }
    pub(crate) fn touched(&mut self, touched: Touched) {
        self.touched = touched;
    }

    pub(crate) fn id(&self) -> RequestId {
        self.received.id
    }
    pub(crate) fn protocol(&self) -> Protocol {
        self.service.protocol
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

    /// This call as a use of what it touched.
    pub(crate) fn used<'u>(&'u self, events: &'u [EventRecord]) -> Use<'u> {
        Use {
            operation: self.entry_name,
            request: self.id(),
            touched: &self.touched,
            events,
        }
    }

    /// The records of this call: the caller's account's, and one for each other account whose resource was
    /// touched, tied by a shared event id. A failure is recorded for the caller alone, as AWS does for denials.
    pub(crate) fn events(&self, elements: &[u8], fault: Option<&Fault>) -> Events {
        let home = self
            .caller
            .as_ref()
            .map(|caller| caller.account)
            .or(self.owner);
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
        let event = |recipient| {
            let event = Event {
                ledger: self,
                recipient,
                home,
                id: RequestId::from_random(random::bytes()),
                shared,
                elements,
                fault,
            };
            event.record()
        };
        recipients.into_iter().map(event).collect()
    }
}
