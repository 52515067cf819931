//! The door between services: an operation calls another service on its caller's behalf.
//!
//! The call goes through the same stages as one from outside: quota, access, authorization by the caller's own
//! policies, audit. What it changes is committed with the call it is part of, or not at all.

use std::any::Any;
use std::sync::Mutex;

use base::Region;
use storage::{Reads, Writes};
use wire::{Api, Facts, Fault, errors};

use crate::access::Touched;
use crate::admit::throttled;
use crate::audit::{Abroad, EventRecord, Ledger};
use crate::catalogue::Named;
use crate::entry::{BoxFuture, perform};
use crate::operation::{Input, Operation};
use crate::via::Via;
use crate::{Call, Emitted, Entry, Failure, Permitted};

/// Services through which one call may come. A longer chain is a circle.
const LONGEST_CHAIN: usize = 8;

/// What an attempt has gathered besides its outcome: nothing of it is kept before the commit.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) reads: Reads,
    pub(crate) writes: Writes,
    /// What it has done in other regions.
    pub(crate) abroad: Vec<Abroad>,
    /// Records of the calls it has made of other services and that stay made whatever becomes of it.
    pub(crate) events: Vec<EventRecord>,
    /// Records of those whose changes are kept with its own, or not at all.
    pub(crate) changes: Vec<EventRecord>,
    /// What the event bus is told of its change.
    pub(crate) emitted: Vec<Emitted>,
}

/// `Gathered` while the operation runs.
pub(crate) type Gathering = Mutex<Gathered>;

/// What a forwarded call came to.
pub(crate) struct Forwarded {
    parameters: Vec<u8>,
    touched: Touched,
    outcome: Result<Answered, Failure>,
    gathered: Gathered,
}

struct Answered {
    output: Box<dyn Any + Send>,
    elements: Vec<u8>,
}

/// A shim by operation: the input is that of the operation, or the call fails.
pub(crate) type Forward =
    for<'a> fn(&'a (dyn Any + Send + Sync), &'a Call<'a>) -> BoxFuture<'a, Forwarded>;

/// The shim of operation `O`.
pub(crate) fn shim<'a, O: Operation>(
    input: &'a (dyn Any + Send + Sync),
    call: &'a Call<'a>,
) -> BoxFuture<'a, Forwarded> {
    Box::pin(async move {
        match input.downcast_ref::<Input<O>>() {
            Some(input) => forwarded::<O>(input, call).await,
            None => Forwarded::failed(Failure::internal("a forwarded input of another operation")),
        }
    })
}

async fn forwarded<O: Operation>(input: &Input<O>, call: &Call<'_>) -> Forwarded {
    let mut parameters = Vec::new();
    wire::audit_json(input, &mut parameters);
    let performed = perform::<O>(input, call).await;
    let outcome = performed.outcome.map(|output| {
        let mut elements = Vec::new();
        if O::RECORDS_REPLY {
            wire::audit_json(&output, &mut elements);
        }
        Answered {
            output: Box::new(output),
            elements,
        }
    });
    Forwarded {
        parameters,
        touched: performed.touched,
        outcome,
        gathered: performed.gathered,
    }
}

impl Forwarded {
    fn failed(failure: Failure) -> Self {
        Self {
            parameters: Vec::new(),
            touched: Touched::new(),
            outcome: Err(failure),
            gathered: Gathered::default(),
        }
    }
}

impl<O: Operation> Permitted<'_, O> {
    /// Calls operation `A` of another service with the authority of this call's caller, who needs the permissions of
    /// `A` himself; policies see through which service the call came. Both calls are recorded, and changed is what
    /// both change, or nothing.
    ///
    /// # Errors
    /// As the other service answers: to be told in the words of the service that forwards.
    pub async fn forward<A: Api>(&self, input: A::Input) -> Result<A::Output, Failure> {
        self.forward_to::<A>(self.call().region, input).await
    }

    /// As `forward`, in another region: for what a service keeps there on its caller's behalf.
    ///
    /// # Errors
    /// As `forward`.
    pub async fn forward_to<A: Api>(
        &self,
        region: Region,
        input: A::Input,
    ) -> Result<A::Output, Failure> {
        let (outer, service) = (self.call(), self.call().facts.service);
        let via = Via::new(service, outer.via);
        let outer = Call { region, ..*outer };
        let entry = outer.admit_forwarded(A::FACTS, &via).await?;
        let inner = Call {
            facts: entry.facts,
            spoken: entry.facts.service.protocol,
            via: Some(&via),
            ..outer
        };
        let done = (entry.forward)(&input, &inner).await;
        let output = self.gather(&inner, entry, done)?;
        let output = output.downcast::<A::Output>();
        output
            .map(|output| *output)
            .map_err(|_| Failure::internal("a forwarded output of another operation"))
    }

    /// Takes over what the inner call has gathered, and its record.
    fn gather(
        &self,
        inner: &Call<'_>,
        entry: &'static Entry,
        done: Forwarded,
    ) -> Result<Box<dyn Any + Send>, Failure> {
        let mut ledger = Ledger::forwarded(inner, entry, done.parameters);
        ledger.touched(done.touched);
        let mut to = self.gathered();
        to.events.extend(done.gathered.events);
        match done.outcome {
            Ok(answered) => {
                let events = ledger.events(&answered.elements, None);
                ledger.note_uses(&inner.core.resource_usage, &events);
                match done.gathered.writes.is_empty() {
                    true => to.events.extend(events),
                    false => to.changes.extend(events),
                }
                to.changes.extend(done.gathered.changes);
                to.emitted.extend(done.gathered.emitted);
                let abroad = done.gathered.abroad.iter();
                to.changes
                    .extend(abroad.map(|abroad| ledger.abroad(abroad)));
                to.reads.extend(done.gathered.reads);
                to.writes.extend(done.gathered.writes);
                Ok(answered.output)
            }
            Err(failure) => {
                if let Some(fault) = told(inner, &failure) {
                    to.events.extend(ledger.events(&[], Some(&fault)));
                }
                Err(failure)
            }
        }
    }
}

/// What the record of a failed call says; none for one that will be made again.
fn told(call: &Call<'_>, failure: &Failure) -> Option<Fault> {
    match failure {
        Failure::Fault(fault) | Failure::Denied { fault, .. } => Some(fault.clone()),
        Failure::Internal(_) => Some(errors::INTERNAL.fault(call.protocol())),
        Failure::Conflict => None,
    }
}

impl Call<'_> {
    /// Finds the operation and takes a request from its quota.
    async fn admit_forwarded(
        &self,
        facts: &Facts,
        via: &Via<'_>,
    ) -> Result<&'static Entry, Failure> {
        if via.depth() > LONGEST_CHAIN {
            return Err(Failure::internal("services call each other in a circle"));
        }
        let indexed = self.core.catalogue.by_name(facts.service.name);
        let named = indexed.map(|indexed| (indexed, indexed.operation(facts.name)));
        let Some((indexed, Named::Built(entry, quota))) = named else {
            return Err(errors::not_implemented(facts.service, facts.name).into());
        };
        let quota = quota.and_then(|at| indexed.service.quotas.get(at));
        let admission = &self.core.admission;
        let admits = |quota| admission.admits(quota, self.account(), self.region, self.now());
        if self.again || quota.is_none_or(admits) {
            return Ok(entry);
        }
        let (account, region) = (self.account(), self.region);
        // Seldom asked, so it takes no room in every call.
        let more = Box::pin(self.core.more(indexed.service, facts.name, account, region));
        match more.await?.is_some_and(admits) {
            true => Ok(entry),
            false => Err(throttled(facts.service, facts.service.protocol).into()),
        }
    }
}
