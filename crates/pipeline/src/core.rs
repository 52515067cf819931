//! The whole life of a request.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::task::Poll;

use base::{AccountId, Clock, Region};
use crypto::KeyRing;
use crypto::hsm::Hsms;
use sigv4::{Presented, RequestParts};
use storage::{CommitError, Reads, Records, Writes};
use wire::{Fault, Protocol, errors};

use crate::admit::{Admission, throttled};
use crate::audit::{
    EventRecord, EventRow, Ledger, OperatorEvent, ServiceCall, ServiceEvent, Trail, TrailError,
};
use crate::authenticate::{Authenticated, again, authenticate, refused};
use crate::by_token::CALLS_BY_TOKEN;
use crate::by_token::{self, Unproved};
use crate::catalogue::Named;
use crate::entry::{Attempt, Completed, Decoded};
use crate::event_bus::{Emitted, EventBus};
use crate::forward::Gathered;
use crate::guesses::Guesses;
use crate::last_access::LastAccesses;
use crate::metrics::{Counters, Outcome};
use crate::receive::{Body, Headers, Received};
use crate::reply::Reply;
use crate::resource_usage::ResourceUsage;
use crate::route::{Routed, form, route};
use crate::sessions::Sessions;
use crate::standing::Standings;
use crate::turns::Turns;
use crate::usage::Usage;
use crate::used_codes::UsedCodes;
use crate::{
    Call, Catalogue, Entry, Failure, Functions, IdentityProviders, KeyStores, Quota, Quotas,
    TrackedService,
};

/// Attempts at a change whose reads were overtaken by other changes.
const ATTEMPTS: u8 = 64;
/// After so many, a call waits for its turn among those that fare likewise.
const ATTEMPTS_AT_ONCE: u8 = 8;

/// Memory a thread keeps for records of calls, in bytes.
const LARGEST_SPARE: usize = 1 << 16;

thread_local! {
    /// Where the records of a call are written before they join others.
    static EVENTS: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What a server is made of.
pub struct Setup {
    /// Where records are kept.
    pub records: Records,
    /// The keys everything is sealed under.
    pub keys: Arc<KeyRing>,
    /// Where calls are recorded.
    pub trail: Arc<Trail>,
    /// What is served.
    pub catalogue: Catalogue,
    /// Request quotas.
    pub quotas: Quotas,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// The HSMs it keeps for its accounts.
    pub hsms: Arc<dyn Hsms>,
    /// The key stores it reaches.
    pub key_stores: Arc<dyn KeyStores>,
    /// The identity providers it asks for their keys.
    pub identity_providers: Arc<dyn IdentityProviders>,
    /// The functions it runs for services.
    pub functions: Arc<dyn Functions>,
}

/// The server without its listeners: takes requests, gives replies.
pub struct Core {
    /// Where records are kept.
    pub records: Records,
    pub(crate) keys: Arc<KeyRing>,
    /// Where calls are recorded.
    pub trail: Arc<Trail>,
    pub(crate) catalogue: Catalogue,
    pub(crate) admission: Admission,
    pub(crate) sessions: Sessions,
    pub(crate) standings: Standings,
    pub(crate) usage: Usage,
    pub(crate) guesses: Guesses,
    pub(crate) used_codes: UsedCodes,
    pub(crate) resource_usage: ResourceUsage,
    pub(crate) last_accesses: LastAccesses,
    tracked: OnceLock<Vec<TrackedService>>,
    pub(crate) event_bus: EventBus,
    pub(crate) counters: Counters,
    turns: Turns,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    pub(crate) hsms: Arc<dyn Hsms>,
    pub(crate) key_stores: Arc<dyn KeyStores>,
    pub(crate) identity_providers: Arc<dyn IdentityProviders>,
    pub(crate) functions: Arc<dyn Functions>,
    pub(crate) token_issuer: OnceLock<String>,
}

impl Core {
    /// Puts a server together.
    pub fn new(setup: Setup) -> Self {
        Self {
            sessions: Sessions::new(setup.keys.clone()),
            standings: Standings::of(&setup.records),
            records: setup.records,
            keys: setup.keys,
            trail: setup.trail,
            event_bus: EventBus::new(&setup.catalogue),
            counters: Counters::new(&setup.catalogue),
            catalogue: setup.catalogue,
            admission: Admission::new(setup.quotas),
            usage: Usage::default(),
            guesses: Guesses::default(),
            used_codes: UsedCodes::default(),
            resource_usage: ResourceUsage::default(),
            last_accesses: LastAccesses::default(),
            tracked: OnceLock::new(),
            turns: Turns::default(),
            clock: setup.clock,
            hsms: setup.hsms,
            key_stores: setup.key_stores,
            identity_providers: setup.identity_providers,
            functions: setup.functions,
            token_issuer: OnceLock::new(),
        }
    }

    /// Serves one request. Whatever happens, there is a record of it and a reply.
    pub async fn handle(&self, received: Received) -> Reply {
        let mut ledger = Ledger::new(&received);
        let outcome = unpanicked(pin!(self.serve(&received, &mut ledger))).await;
        match outcome {
            Ok(reply) => {
                self.counters
                    .calls
                    .count(ledger.service(), Outcome::Succeeded);
                Reply::new(received.id, reply, None)
            }
            Err(failure) => self.refuse(&ledger, failure).await,
        }
    }

    async fn serve<'a>(
        &'a self,
        received: &'a Received,
        ledger: &mut Ledger<'a>,
    ) -> Result<wire::Reply, Failure> {
        let headers = Headers(&received.headers);
        let parts = RequestParts {
            method: received.method.as_str(),
            path: &received.path,
            query: &received.query,
            headers: &headers,
        };
        let presented = Presented::parse(&parts);
        let signature = presented.as_ref().ok().and_then(Option::as_ref);
        signature.inspect(|signature| ledger.claims(signature));
        let routed = route(&self.catalogue, received, signature);
        let routed = routed.map_err(|lost| {
            // What a Query call is for stands in its body.
            let whole = whole(received, lost.service.protocol);
            let lost = ledger.lost(lost);
            whole.map_or_else(Failure::from, |()| lost)
        })?;
        let protocol = ledger.routed(&routed);
        whole(received, protocol)?;
        let presented = presented.map_err(|refusal| refused(protocol, &refusal))?;
        if let Some(entry) = routed.by_token() {
            let call = self.serve_by_token(entry, presented, &parts, &routed, received, ledger);
            // On the heap, so that other calls carry nothing for it.
            return Box::pin(call).await;
        }
        let presented = presented.ok_or_else(|| missing_token(protocol))?;
        let authenticated =
            authenticate(self, received, &parts, presented, routed.facts, ledger).await?;
        ledger.authenticated(&authenticated.standing);
        let entry = self.admit(&routed, &authenticated, received).await?;
        let input = decode(entry, received, protocol)?;
        ledger.decoded(entry, &*input);
        self.complete(entry, authenticated, &*input, ledger).await
    }

    /// A call whose caller a token in its input proves.
    async fn serve_by_token<'a, 'p>(
        &'a self,
        entry: &'static Entry,
        presented: Option<Presented<'p>>,
        parts: &RequestParts<'p>,
        routed: &Routed<'a>,
        received: &'a Received,
        ledger: &mut Ledger<'a>,
    ) -> Result<wire::Reply, Failure> {
        let protocol = ledger.protocol();
        let region = match presented {
            // A signature adds nothing to the token; but a wrong one is wrong.
            Some(presented) => {
                let facts = routed.facts;
                authenticate(self, received, parts, presented, facts, ledger)
                    .await?
                    .region
            }
            None => by_token::region(received, routed.facts),
        };
        ledger.called_in(region);
        // Nobody has proved to be anybody yet: what he sends does not fill the records of whom he names.
        ledger.named(entry);
        let (source, now) = (received.source, received.at);
        if !self.admission.admits_from(&CALLS_BY_TOKEN, source, now) {
            return Err(throttled(routed.facts, protocol).into());
        }
        let input = decode(entry, received, protocol)?;
        let unproved = Unproved::new(self, received);
        let proved = input.prove(&unproved).await;
        if let Some(account) = unproved.concerned() {
            ledger.owned_by(account);
        }
        let standing = by_token::stand(self, proved?).await?;
        let standing = standing.ok_or_else(|| missing_token(protocol))?;
        let authenticated = Authenticated { standing, region };
        ledger.authenticated(&authenticated.standing);
        ledger.decoded(entry, &*input);
        self.admit(routed, &authenticated, received).await?;
        self.complete(entry, authenticated, &*input, ledger).await
    }

    async fn admit(
        &self,
        routed: &Routed<'_>,
        authenticated: &Authenticated,
        received: &Received,
    ) -> Result<&'static Entry, Failure> {
        let (entry, quota) = match routed.named() {
            Named::Built(entry, quota) => (entry, quota),
            named => return Err(routed.absent(&named).into()),
        };
        let quota = quota.and_then(|at| routed.indexed.service.quotas.get(at));
        let account = authenticated.standing.caller.account;
        let admission = &self.admission;
        let admits = |quota| admission.admits(quota, account, authenticated.region, received.at);
        if quota.is_none_or(admits) {
            return Ok(entry);
        }
        let (service, name) = (routed.indexed.service, entry.facts.name);
        // Seldom asked, so it takes no room in every call.
        let more = Box::pin(self.more(service, name, account, authenticated.region));
        match more.await?.is_some_and(admits) {
            true => Ok(entry),
            false => Err(throttled(routed.facts, routed.facts.protocol).into()),
        }
    }

    /// The quota from which an account that chose so takes what the usual one does not allow.
    pub(crate) async fn more(
        &self,
        service: &'static crate::Service,
        operation: &str,
        account: AccountId,
        region: Region,
    ) -> Result<Option<&'static Quota>, Failure> {
        match service.more {
            Some(more) => Ok(more(&self.records, operation, account, region).await?),
            None => Ok(None),
        }
    }

    /// Access, authorize, run, commit; from the start again when what was read has changed meanwhile.
    async fn complete(
        &self,
        entry: &'static Entry,
        authenticated: Authenticated,
        input: &dyn Decoded,
        ledger: &mut Ledger<'_>,
    ) -> Result<wire::Reply, Failure> {
        let Authenticated {
            mut standing,
            region,
        } = authenticated;
        let mut turn = None;
        for attempt in 0..ATTEMPTS {
            if attempt == ATTEMPTS_AT_ONCE {
                // Seldom asked, so it takes no room in every call.
                turn = Box::pin(self.turns.of(standing.caller.account)).await;
            }
            let call = Call {
                core: self,
                received: ledger.received(),
                facts: entry.facts,
                spoken: ledger.protocol(),
                standing: &standing,
                region,
                via: None,
                again: attempt > 0,
            };
            let Attempt {
                touched,
                outcome,
                gathered,
            } = input.attempt(&call).await;
            ledger.touched(touched);
            match self.settle_attempt(outcome, gathered, ledger).await {
                Err(Failure::Conflict) => {}
                settled => return settled,
            }
            standing = again(self, &standing, entry.facts.service.protocol).await?;
            ledger.authenticated(&standing);
        }
        drop(turn);
        Err(Failure::internal("the records of this call kept changing"))
    }

    /// Keeps what an attempt has done. Of one that failed, the records of the calls it made of other services.
    async fn settle_attempt(
        &self,
        outcome: Result<Completed, Failure>,
        gathered: Gathered,
        ledger: &mut Ledger<'_>,
    ) -> Result<wire::Reply, Failure> {
        match outcome {
            Ok(done) => self.commit(done, gathered, ledger).await,
            Err(Failure::Conflict) => Err(Failure::Conflict),
            Err(failure) => {
                ledger.forwards(gathered.events);
                Err(failure)
            }
        }
    }

    /// The change and its records in one batch; or the records alone, in the kernel's hands before the reply.
    async fn commit(
        &self,
        done: Completed,
        gathered: Gathered,
        ledger: &Ledger<'_>,
    ) -> Result<wire::Reply, Failure> {
        if gathered.writes.is_empty() && gathered.emitted.is_empty() {
            let kept = self.keep(ledger, &done.elements, None, &gathered.events);
            kept.await.map_err(Failure::internal)?;
            return Ok(done.reply);
        }
        // On the heap, so that calls that change nothing carry nothing for it.
        Box::pin(self.commit_change(done, gathered, ledger)).await
    }

    async fn commit_change(
        &self,
        done: Completed,
        gathered: Gathered,
        ledger: &Ledger<'_>,
    ) -> Result<wire::Reply, Failure> {
        let mut writes = gathered.writes;
        let mut events = ledger.events(&done.elements, None);
        events.extend(gathered.events);
        events.extend(gathered.changes);
        for event in events {
            writes.put(event.into_row());
        }
        for abroad in &gathered.abroad {
            writes.put(ledger.abroad(abroad).into_row());
        }
        let told = self
            .event_bus
            .stage(gathered.emitted, ledger.received().at, &mut writes);
        self.commit_all(gathered.reads, writes).await?;
        self.event_bus.publish(told);
        Ok(done.reply)
    }

    /// Returns once the records of a call that changes nothing, and of those it `forwarded`, are in the kernel's hands.
    async fn keep(
        &self,
        ledger: &Ledger<'_>,
        elements: &[u8],
        fault: Option<&Fault>,
        forwarded: &[EventRecord],
    ) -> Result<(), TrailError> {
        let turn = EVENTS.with_borrow_mut(|events| {
            events.clear();
            ledger.write_events(elements, fault, &self.resource_usage, events);
            forwarded.iter().for_each(|event| event.write_entry(events));
            let turn = self.trail.join(events);
            events.shrink_to(LARGEST_SPARE);
            turn
        });
        turn?.kept().await
    }

    pub(crate) async fn commit_all(&self, reads: Reads, writes: Writes) -> Result<(), Failure> {
        let gone = ResourceUsage::deleted_by(&writes);
        let records = writes.kept::<EventRow>() as u64;
        match self.records.commit(reads, writes).await {
            Ok(_) => {
                self.counters.records.fetch_add(records, Ordering::Relaxed);
                self.resource_usage.forget(gone, self.clock.now());
                Ok(())
            }
            Err(CommitError::Conflict) => Err(Failure::Conflict),
            Err(CommitError::Failed(error)) => Err(error.into()),
        }
    }

    /// Commits a worker's change and the events that record it; answers whether what it read was unchanged.
    pub(crate) async fn commit_as_service(
        &self,
        reads: Reads,
        mut writes: Writes,
        events: &[ServiceEvent],
        emitted: Vec<Emitted>,
    ) -> Result<bool, Failure> {
        let now = self.clock.now();
        for event in events {
            writes.put(event.record(now).into_row());
        }
        let told = self.event_bus.stage(emitted, now, &mut writes);
        match self.commit_all(reads, writes).await {
            Ok(()) => {
                self.event_bus.publish(told);
                Ok(true)
            }
            Err(Failure::Conflict) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Records what was done without a call of a client.
    pub(crate) fn record(&self, event: ServiceEvent) -> Result<(), Failure> {
        let event = event.record(self.clock.now());
        self.trail.append(&event).map_err(Failure::internal)
    }

    /// Records what a service called in its own name.
    pub(crate) fn record_service_call(&self, call: &ServiceCall) -> Result<(), Failure> {
        let event = call.record(self.clock.now());
        self.trail.append(&event).map_err(Failure::internal)
    }

    /// Records what the operator did to the server itself: on disk when this returns.
    pub fn record_operator(&self, event: OperatorEvent) -> Result<(), Failure> {
        let event = event.record(self.clock.now());
        let kept = self.trail.append(&event).and_then(|()| self.trail.sync());
        kept.map_err(Failure::internal)
    }

    /// Records a call that failed and says so to the caller.
    async fn refuse(&self, ledger: &Ledger<'_>, failure: Failure) -> Reply {
        let protocol = ledger.protocol();
        let mut outcome = Outcome::of(&failure, ledger);
        let (mut fault, encoded) = match failure {
            Failure::Fault(fault) => (fault, None),
            Failure::Denied { fault, encoded } => (fault, Some(encoded)),
            Failure::Conflict => (internal(protocol), None),
            Failure::Internal(error) => {
                tracing::error!(request_id = %ledger.id(), error = &*error, "a call failed");
                (internal(protocol), None)
            }
        };
        let forwarded = ledger.forwarded_events();
        if let Err(error) = self.keep(ledger, &[], Some(&fault), forwarded).await {
            tracing::error!(request_id = %ledger.id(), %error, "a call could not be recorded");
            fault = internal(protocol);
            outcome = Outcome::Failed;
        }
        self.counters.calls.count(ledger.service(), outcome);
        let reply = wire::encode_fault_as(protocol, ledger.service(), &fault, &ledger.id());
        Reply::new(ledger.id(), reply, encoded)
    }

    /// Every service of this server.
    pub fn services(&self) -> impl Iterator<Item = &'static crate::Service> {
        self.catalogue.services()
    }

    /// The same, as reports on access see them.
    pub(crate) fn tracked(&self) -> Result<&[TrackedService], Failure> {
        if let Some(known) = self.tracked.get() {
            return Ok(known);
        }
        let tracked = crate::tracked::tracked(self.services())?;
        Ok(self.tracked.get_or_init(|| tracked))
    }

    /// Takes the audit trail into what is known of last accesses.
    pub(crate) async fn catch_up(&self) -> Result<(), Failure> {
        let (trail, records, now) = (&self.trail, &self.records, self.clock.now());
        let known = |source: &str, name: &str| self.catalogue.knows(source, name);
        self.last_accesses
            .catch_up(trail, records, &known, now)
            .await
    }

    /// The token of a session.
    pub fn seal_session(
        &self,
        session: &identity::Session,
    ) -> Result<base::Secret<String>, crypto::ModuleFailure> {
        self.sessions.seal(session, 0)
    }

    /// Runs the background duties of every service, and the core's own, until the runtime ends.
    pub fn start_workers(self: &Arc<Self>) {
        self.trail.keep_syncing();
        for service in self.catalogue.services() {
            for worker in service.workers {
                tokio::spawn(crate::worker::keep_running(self.clone(), worker));
            }
        }
        for worker in crate::worker::OWN {
            tokio::spawn(crate::worker::keep_running(self.clone(), worker));
        }
    }

    /// Writes down what is kept in memory between rounds; called once before a planned end.
    pub async fn settle(&self) -> Result<(), Failure> {
        let written = self.usage.write_down(&self.records).await;
        written.map_err(Failure::internal)?;
        let (records, now) = (&self.records, self.clock.now());
        let written = self.resource_usage.write_down(records, now).await;
        written.map_err(Failure::internal)?;
        self.trail.sync().map_err(Failure::internal)
    }
}

fn whole(received: &Received, protocol: Protocol) -> Result<(), Fault> {
    match received.body {
        Body::Whole(_) => Ok(()),
        Body::TooLarge => Err(errors::TOO_LARGE.fault(protocol)),
        Body::Broken => Err(errors::INCOMPLETE_BODY.fault(protocol)),
    }
}

fn missing_token(protocol: Protocol) -> Fault {
    errors::MISSING_TOKEN.fault(protocol)
}

fn internal(protocol: Protocol) -> Fault {
    errors::INTERNAL.fault(protocol)
}

fn decode(
    entry: &Entry,
    received: &Received,
    protocol: Protocol,
) -> Result<Box<dyn Decoded>, Fault> {
    let body = match (protocol, &received.body) {
        (Protocol::Query, _) => form(received),
        (_, Body::Whole(body)) => &body[..],
        (_, Body::TooLarge | Body::Broken) => &[],
    };
    (entry.decode)(protocol, body).map_err(|rejection| rejection.fault(protocol))
}

/// A panic in one call ends that call and nothing else.
async fn unpanicked<T>(
    mut call: Pin<&mut impl Future<Output = Result<T, Failure>>>,
) -> Result<T, Failure> {
    std::future::poll_fn(move |context| {
        let poll = std::panic::catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context)));
        poll.unwrap_or_else(|_| Poll::Ready(Err(Failure::internal("the call panicked"))))
    })
    .await
}
