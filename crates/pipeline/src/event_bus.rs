//! The event bus: what services tell of their changes, in EventBridge's envelope, to whoever subscribes.
//!
//! An event belongs to the change it tells of. For each subscriber that wants it, it is a row in the same commit, and stays
//! there until the subscriber has taken it: after a crash too, and perhaps twice then. Where nobody subscribes, nothing is
//! written. Followers see what is committed while they follow, and no more.
//!
//! AWS document: Amazon EventBridge User Guide, "AWS service event metadata".

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base::{RequestId, Timestamp};
use crypto::random;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::{Held, Key, Reads, Record, Unreadable, Writes};
use tokio::sync::broadcast::{Receiver, Sender, channel};

use crate::entry::BoxFuture;
use crate::operation::Operation;
use crate::worker::Subject;
use crate::{Catalogue, Core, Duty, Failure, Permitted};

/// Events that a follower may be behind before it misses some.
const BEHIND: usize = 1024;
/// Events read at once.
const BATCH: usize = 256;
/// How long an event waits for a subscriber that cannot take it. AWS: EventBridge tries for 24 hours.
const PATIENCE_SECONDS: i64 = 24 * 60 * 60;

/// What a service tells of a change that it makes.
#[derive(Clone, Debug)]
pub struct Emitted {
    /// As `aws.ssm`.
    pub source: &'static str,
    /// As `Parameter Store Change`.
    pub detail_type: &'static str,
    /// Whose resource changed, where, and which.
    pub subject: Subject,
    /// Never a secret.
    pub detail: Value,
}

/// An event as EventBridge has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BusEvent {
    version: String,
    /// By which a subscriber knows an event that it is given twice.
    pub id: String,
    /// As `Parameter Store Change`.
    pub detail_type: String,
    /// As `aws.ssm`.
    pub source: String,
    /// Whose resource changed.
    pub account: String,
    /// When, as `2026-11-23T06:38:13Z`.
    pub time: String,
    /// Where.
    pub region: String,
    /// ARNs of what changed.
    pub resources: Vec<String>,
    /// What the source tells.
    pub detail: Value,
}

/// What takes one event. The changes it answers are committed together with the note that it has taken the event.
pub type Receive = for<'a> fn(Duty<'a>, &'a BusEvent) -> BoxFuture<'a, Result<Writes, Failure>>;

/// Who is given events.
pub struct Subscriber {
    /// Told apart by it, also by later versions of the program: as `events`.
    pub name: &'static str,
    /// Whether it is to be given such an event.
    pub wants: fn(&BusEvent) -> bool,
    /// Takes one. One that it cannot take is given to it again, for a day.
    pub receive: Receive,
}

/// All subscribers and followers.
pub(crate) struct EventBus {
    subscribers: Vec<&'static Subscriber>,
    followers: Sender<Arc<BusEvent>>,
    /// Whether there may be events that wait.
    waiting: AtomicBool,
}

impl BusEvent {
    fn of(emitted: Emitted, at: Timestamp) -> Self {
        let subject = emitted.subject;
        Self {
            version: "0".to_owned(),
            id: RequestId::from_random(random::bytes()).to_string(),
            detail_type: emitted.detail_type.to_owned(),
            source: emitted.source.to_owned(),
            account: subject.account.to_string(),
            time: at.rfc3339().to_string(),
            region: subject.region.to_string(),
            resources: vec![subject.arn.to_string()],
            detail: emitted.detail,
        }
    }
}

impl EventBus {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let services = catalogue.services();
        Self {
            subscribers: services.flat_map(|it| it.subscribers).collect(),
            followers: channel(BEHIND).0,
            // What was not taken before the server ended.
            waiting: AtomicBool::new(true),
        }
    }

    /// Adds to `writes` what shall be told of them. The events are told with `publish`, once the writes are committed.
    pub(crate) fn stage(
        &self,
        emitted: Vec<Emitted>,
        at: Timestamp,
        writes: &mut Writes,
    ) -> Vec<Arc<BusEvent>> {
        if self.subscribers.is_empty() && self.followers.receiver_count() == 0 {
            return Vec::new();
        }
        let events = emitted.into_iter();
        let events: Vec<_> = events.map(|it| Arc::new(BusEvent::of(it, at))).collect();
        for event in &events {
            for subscriber in self.subscribers.iter().filter(|it| (it.wants)(event)) {
                writes.put(Waiting {
                    subscriber: subscriber.name.to_owned(),
                    at,
                    event: BusEvent::clone(event),
                });
            }
        }
        events
    }

    /// Tells of what has been committed.
    pub(crate) fn publish(&self, events: Vec<Arc<BusEvent>>) {
        if !events.is_empty() {
            self.waiting.store(true, Ordering::Release);
        }
        for event in events {
            // An error says only that nobody follows.
            let _ = self.followers.send(event);
        }
    }
}

impl<O: Operation> Permitted<'_, O> {
    /// Tells the event bus of the change that this call makes, once it is committed.
    pub fn emit(&self, emitted: Emitted) {
        self.gathered().emitted.push(emitted);
    }
}

impl Core {
    /// The events that are committed from now on, of every account.
    pub fn follow_events(&self) -> Receiver<Arc<BusEvent>> {
        self.event_bus.followers.subscribe()
    }
}

/// Gives every subscriber what waits for it. What one cannot take keeps nobody waiting, and is tried in the next round.
pub(crate) async fn deliver(core: &Core) -> Result<(), Failure> {
    let bus = &core.event_bus;
    if bus.subscribers.is_empty() || !bus.waiting.swap(false, Ordering::AcqRel) {
        return Ok(());
    }
    let mut outcome = Ok(());
    for subscriber in &bus.subscribers {
        let delivered = deliver_to(core, subscriber).await;
        outcome = outcome.and(delivered);
    }
    if outcome.is_err() {
        bus.waiting.store(true, Ordering::Release);
    }
    outcome
}

async fn deliver_to(core: &Core, subscriber: &Subscriber) -> Result<(), Failure> {
    let all = Key::root().then(subscriber.name);
    let (mut after, mut outcome) = (None, Ok(()));
    loop {
        let (records, last) = (&core.records, after.as_ref());
        let page = records.scan::<Waiting>(&all, last, BATCH).await?;
        for waiting in page.iter() {
            let given = give(core, subscriber, waiting).await;
            outcome = outcome.and(given);
        }
        match page.last() {
            Some(last) if page.len() == BATCH => after = Some(last.key()),
            _ => return outcome,
        }
    }
}

async fn give(
    core: &Core,
    subscriber: &Subscriber,
    waiting: &Held<Waiting>,
) -> Result<(), Failure> {
    let taken = (subscriber.receive)(Duty { core }, &waiting.event).await;
    let is_old = core.clock.now().seconds_since(waiting.at) >= PATIENCE_SECONDS;
    let mut writes = match taken {
        Err(failure) if is_old => {
            let (name, id) = (subscriber.name, &waiting.event.id);
            tracing::error!(name, id, ?failure, "an event was given up");
            Writes::none()
        }
        taken => taken?,
    };
    let mut reads = Reads::default();
    reads.held(waiting);
    writes.delete::<Waiting>(&waiting.key());
    core.commit_all(reads, writes).await
}

/// An event that a subscriber has not taken yet.
#[derive(Debug, PartialEq)]
struct Waiting {
    subscriber: String,
    at: Timestamp,
    event: BusEvent,
}

const V1: u8 = 1;

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    subscriber: String,
    at: i64,
    event: BusEvent,
}

impl Record for Waiting {
    const TABLE: &'static str = "event-bus.waiting";
    const CACHED: bool = false;
    fn key(&self) -> Key {
        // Twenty digits sort as the numbers do.
        let at = format!("{:020}", self.at.micros());
        let place = Key::root().then(&self.subscriber).then(&at);
        place.then(&self.event.id)
    }
    fn store(&self) -> Vec<u8> {
        let form = StoredV1 {
            subscriber: self.subscriber.clone(),
            at: self.at.micros(),
            event: self.event.clone(),
        };
        let mut bytes = vec![V1];
        match serde_json::to_writer(&mut bytes, &form) {
            Ok(()) => bytes,
            // A form of strings and JSON always has JSON; bytes without a body never load.
            Err(_) => Vec::new(),
        }
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form = match bytes.split_first() {
            Some((&V1, body)) => serde_json::from_slice(body).ok(),
            _ => None,
        };
        let form: StoredV1 = form.ok_or_else(|| Unreadable {
            table: Self::TABLE,
            reason: "not an event".to_owned(),
        })?;
        Ok(Self {
            subscriber: form.subscriber,
            at: Timestamp::from_micros(form.at),
            event: form.event,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes_and_nothing_for_nobody() {
        let subject = Subject {
            account: base::AccountId::from_number(1),
            region: base::Region::US_EAST_1,
            arn: base::Arn::new(
                "ssm",
                "us-east-1",
                "000000000001",
                format_args!("parameter/a"),
            ),
        };
        let emitted = Emitted {
            source: "aws.ssm",
            detail_type: "Parameter Store Change",
            subject,
            detail: serde_json::json!({"name": "a"}),
        };
        let at = Timestamp::from_seconds(1);
        let nobody = EventBus::new(&Catalogue::new(&[]));
        let mut writes = Writes::none();
        let told = nobody.stage(vec![emitted.clone()], at, &mut writes);
        assert!(told.is_empty() && writes.is_empty());
        let mut follower = nobody.followers.subscribe();
        nobody.publish(nobody.stage(vec![emitted.clone()], at, &mut writes));
        assert_eq!(follower.try_recv().unwrap().source, "aws.ssm");
        assert!(writes.is_empty());
        let mut event = BusEvent::of(emitted, at);
        event.id = "i".into();
        let waiting = Waiting {
            subscriber: "s".into(),
            at,
            event,
        };
        let stored = "\x01{\"subscriber\":\"s\",\"at\":1000000,\"event\":{\"version\":\"0\",\"id\":\"i\",\"detail-type\":\"Parameter Store Change\",\"source\":\"aws.ssm\",\"account\":\"000000000001\",\"time\":\"1970-01-01T00:00:01Z\",\"region\":\"us-east-1\",\"resources\":[\"arn:aws:ssm:us-east-1:000000000001:parameter/a\"],\"detail\":{\"name\":\"a\"}}}";
        assert_eq!(String::from_utf8(waiting.store()).unwrap(), stored);
        assert_eq!(Waiting::load(stored.as_bytes()).unwrap(), waiting);
    }
}
