//! Where records of calls that change nothing are kept, and how all records are read.

use std::cell::RefCell;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::Thread;
use std::time::Duration;

use arc_swap::ArcSwap;
use base::{Clock, Timestamp};
use crypto::KeyRing;

use super::EventRecord;
use super::joined::{Company, Joined, Meeting, Part};
use super::row::write_form;
use super::segment::{Segment, Spare, append_entry, fits, joined};

/// A segment is closed when it has this many bytes of events: what reading it takes in memory.
const SEGMENT_LIMIT: u64 = 32 * 1024 * 1024;
/// How long a record may be in the kernel's hands only.
const SYNC_WITHIN: Duration = Duration::from_millis(10);
/// Longest rest of the syncing thread while nothing is appended.
const RESTING: Duration = Duration::from_secs(1);

/// A record could not be kept. The call it belongs to must fail.
#[derive(Debug, thiserror::Error)]
#[error("the audit trail in {folder} cannot be written: {source}")]
pub struct TrailError {
    folder: PathBuf,
    source: Arc<io::Error>,
}

/// The segment files of one data folder.
pub struct Trail {
    pub(super) folder: PathBuf,
    pub(super) keys: Arc<KeyRing>,
    clock: Arc<dyn Clock>,
    current: ArcSwap<Segment>,
    rotating: Mutex<()>,
    segments: AtomicU64,
    /// Events that were kept since it was opened.
    records: AtomicU64,
    /// Set when the disk refused to keep what the kernel had taken: nothing is acknowledged from then on.
    broken: AtomicBool,
    /// The thread that syncs, and whether it rests because there is nothing to sync.
    syncer: OnceLock<Thread>,
    resting: AtomicBool,
    /// Whether a call waits until its record is on disk, not only in the kernel's hands.
    always_sync: bool,
    meetings: [Meeting; MEETINGS],
}

/// Threads whose calls join each other; more share.
const MEETINGS: usize = 64;
static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Where the frame is sealed.
    static FRAME: RefCell<Spare> = RefCell::default();
    /// Which of the meetings is this thread's.
    static MEETING: usize = THREADS.fetch_add(1, Ordering::Relaxed) % MEETINGS;
}

impl Trail {
    /// Opens the trail in `folder`, which it makes, and begins a new segment.
    pub fn open(
        folder: PathBuf,
        keys: Arc<KeyRing>,
        clock: Arc<dyn Clock>,
        always_sync: bool,
    ) -> Result<Self, TrailError> {
        let begin = || {
            std::fs::create_dir_all(&folder)?;
            let name = Self::unused_name(&folder, clock.now(), 0);
            Segment::create(&folder, &name, &keys)
        };
        let current = begin().map_err(|source| TrailError {
            folder: folder.clone(),
            source: Arc::new(source),
        })?;
        Ok(Self {
            folder,
            keys,
            clock,
            current: ArcSwap::from_pointee(current),
            rotating: Mutex::new(()),
            segments: AtomicU64::new(1),
            records: AtomicU64::new(0),
            broken: AtomicBool::new(false),
            syncer: OnceLock::new(),
            resting: AtomicBool::new(false),
            always_sync,
            meetings: std::array::from_fn(|_| Meeting::default()),
        })
    }

    /// Sorts by time: sixteen hexadecimal digits of microseconds, then a number.
    fn unused_name(folder: &std::path::Path, at: Timestamp, from: u64) -> String {
        let name = |number| format!("{:016x}-{number:04}.audit", at.micros());
        let taken = |name: &String| folder.join(name).exists();
        let mut names = (from..).map(name);
        names.find(|name| !taken(name)).unwrap_or_default()
    }

    /// Keeps events, as `Ledger::write_events` writes them, together with those of concurrent calls.
    pub(crate) fn join(&self, events: &[u8]) -> Result<Turn<'_>, TrailError> {
        if !fits(events) {
            return Err(self.failed(io::Error::other("an event is larger than readers believe")));
        }
        let meeting = MEETING.with(|at| self.meetings.get(*at % MEETINGS));
        let meeting = meeting.ok_or_else(|| self.failed(io::Error::other("nowhere to meet")))?;
        let Part {
            company,
            leads,
            full,
        } = meeting.join(events);
        if let Some(full) = full {
            self.write(meeting, full);
        }
        let lead = leads.then(|| Lead {
            trail: self,
            meeting,
            company: company.clone(),
        });
        Ok(Turn {
            trail: self,
            company,
            lead,
        })
    }

    /// Keeps one event now: it is the kernel's when this returns.
    pub(crate) fn append(&self, event: &EventRecord) -> Result<(), TrailError> {
        let mut events = Vec::new();
        append_entry(&mut events, |to| write_form(event, to));
        self.hand_over(&events)
    }

    /// Writes what was joined and tells those who wait for it.
    fn write(&self, meeting: &Meeting, joined: Joined) {
        let outcome = self.hand_over(&joined.events);
        joined.company.end(outcome.map_err(|error| error.source));
        meeting.spare(joined.events);
    }

    fn hand_over(&self, events: &[u8]) -> Result<(), TrailError> {
        if self.is_broken() {
            let refused = io::Error::other("an earlier write did not reach the disk; restart");
            return Err(self.failed(refused));
        }
        let segment = self.current.load();
        FRAME
            .with_borrow_mut(|spare| segment.append(events, spare))
            .map_err(|source| self.failed(source))?;
        self.records.fetch_add(joined(events), Ordering::Relaxed);
        if segment.length() > SEGMENT_LIMIT {
            self.rotate(&segment)?;
        }
        if self.always_sync {
            return self.sync();
        }
        if self.resting.swap(false, Ordering::AcqRel) {
            self.syncer.get().inspect(|thread| thread.unpark());
        }
        Ok(())
    }

    fn rotate(&self, full: &Arc<Segment>) -> Result<(), TrailError> {
        let _one_at_a_time = self.rotating.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(full, &self.current.load()) {
            return Ok(());
        }
        let number = self.segments.fetch_add(1, Ordering::Relaxed);
        let name = Self::unused_name(&self.folder, self.clock.now(), number);
        let next = Segment::create(&self.folder, &name, &self.keys);
        let next = next.map_err(|source| self.failed(source))?;
        let old = self.current.swap(Arc::new(next));
        // Writers that still hold the old segment mark it dirty after this; the syncing thread keeps it until clean.
        self.sync_segment(&old)
    }

    /// Forces everything appended so far to disk. A failure breaks the trail for good: the kernel may have
    /// dropped pages that were acknowledged.
    pub fn sync(&self) -> Result<(), TrailError> {
        self.sync_segment(&self.current.load())
    }

    fn sync_segment(&self, segment: &Segment) -> Result<(), TrailError> {
        segment.sync().map_err(|source| {
            self.broken.store(true, Ordering::Release);
            self.failed(source)
        })
    }

    /// How many events the kernel has taken since the trail was opened.
    pub(crate) fn records(&self) -> u64 {
        self.records.load(Ordering::Relaxed)
    }

    /// Whether the disk refused what the kernel had taken: no record is kept until a restart.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    /// Syncs what was appended, again and again, until the trail is dropped. Runs on a thread of its own.
    pub fn keep_syncing(self: &Arc<Self>) {
        let weak = Arc::downgrade(self);
        let sync = move || {
            let mut previous = None;
            while let Some(trail) = weak.upgrade() {
                let _ = trail.syncer.set(std::thread::current());
                let pause = trail.sync_round(&mut previous);
                drop(trail);
                std::thread::park_timeout(pause);
            }
        };
        if let Err(error) = std::thread::Builder::new()
            .name("audit sync".into())
            .spawn(sync)
        {
            tracing::error!(%error, "the audit trail's thread did not start");
            self.broken.store(true, Ordering::Release);
        }
    }

    /// Syncs what is dirty and answers how long to pause: briefly after work, else until an append ends the rest.
    fn sync_round(&self, previous: &mut Option<Arc<Segment>>) -> Duration {
        // Said before looking, so that an append after the look ends the rest.
        self.resting.store(true, Ordering::Release);
        let current = self.current.load_full();
        let rotated = previous.take().filter(|old| !Arc::ptr_eq(old, &current));
        let mut pause = RESTING;
        for segment in rotated
            .iter()
            .chain([&current])
            .filter(|segment| segment.is_dirty())
        {
            self.resting.store(false, Ordering::Release);
            pause = SYNC_WITHIN;
            if let Err(error) = self.sync_segment(segment) {
                tracing::error!(%error, "records may not have reached the disk; no call is answered now");
            }
        }
        *previous = Some(current);
        pause
    }

    fn failed(&self, source: io::Error) -> TrailError {
        self.failed_with(Arc::new(source))
    }

    fn failed_with(&self, source: Arc<io::Error>) -> TrailError {
        TrailError {
            folder: self.folder.clone(),
            source,
        }
    }
}

/// The wait of one call until its events are the kernel's.
pub(crate) struct Turn<'t> {
    trail: &'t Trail,
    company: Arc<Company>,
    lead: Option<Lead<'t>>,
}

impl Turn<'_> {
    /// Returns once they are.
    pub(crate) async fn kept(self) -> Result<(), TrailError> {
        if let Some(lead) = self.lead {
            // Whoever is ready to run on this thread joins first.
            tokio::task::yield_now().await;
            drop(lead);
        }
        let outcome = std::future::poll_fn(|context| self.company.poll(context)).await;
        outcome.map_err(|source| self.trail.failed_with(source))
    }
}

/// Has joined events written when it is dropped, whatever became of the call that led them.
struct Lead<'t> {
    trail: &'t Trail,
    meeting: &'t Meeting,
    company: Arc<Company>,
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        if let Some(joined) = self.meeting.take(&self.company) {
            self.trail.write(self.meeting, joined);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::segment::read;
    use super::*;
    use base::{AccountId, FixedClock, Region, RequestId};
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    struct Fixture {
        trail: Arc<Trail>,
        keys: Arc<KeyRing>,
        _folder: tempfile::TempDir,
    }

    fn fixture() -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let keys = Arc::new(KeyRing::ephemeral().unwrap());
        let clock = Arc::new(FixedClock::new(Timestamp::from_seconds(0)));
        let trail = Trail::open(folder.path().to_owned(), keys.clone(), clock, false);
        Fixture {
            trail: Arc::new(trail.unwrap()),
            keys,
            _folder: folder,
        }
    }

    impl Fixture {
        fn seconds(&self) -> Vec<i64> {
            let path = self.trail.segment_paths().unwrap().pop().unwrap();
            let events = read(&path, &self.keys).unwrap();
            events.iter().map(|event| event.at.seconds()).collect()
        }
    }

    fn event(number: u8) -> Vec<u8> {
        let event = EventRecord {
            at: Timestamp::from_seconds(number.into()),
            id: RequestId::from_random([number; 16]),
            account: Some(AccountId::from_number(1)),
            region: Region::US_EAST_1,
            json: b"{}".to_vec(),
        };
        let mut joined = Vec::new();
        append_entry(&mut joined, |to| write_form(&event, to));
        joined
    }

    #[tokio::test]
    async fn concurrent_events_become_one_frame() {
        let fixture = fixture();
        let turns = [1, 2, 3].map(|number| fixture.trail.join(&event(number)).unwrap());
        let leads = turns.each_ref().map(|turn| turn.lead.is_some());
        assert_eq!(leads, [true, false, false]);
        let [first, second, third] = turns;
        let mut second = pin!(second.kept());
        let mut context = Context::from_waker(Waker::noop());
        assert!(second.as_mut().poll(&mut context).is_pending());
        assert!(fixture.seconds().is_empty(), "nothing is kept yet");
        first.kept().await.unwrap();
        assert!(matches!(second.poll(&mut context), Poll::Ready(Ok(()))));
        third.kept().await.unwrap();
        assert_eq!(fixture.seconds(), [1, 2, 3]);
        fixture.trail.join(&event(4)).unwrap().kept().await.unwrap();
        assert_eq!(fixture.seconds(), [1, 2, 3, 4]);
    }

    #[tokio::test]
    async fn a_leader_that_is_gone_leaves_nobody_waiting() {
        let fixture = fixture();
        let first = fixture.trail.join(&event(1)).unwrap();
        let second = fixture.trail.join(&event(2)).unwrap();
        drop(first);
        second.kept().await.unwrap();
        assert_eq!(fixture.seconds(), [1, 2]);
        let mut leading = Box::pin(fixture.trail.join(&event(3)).unwrap().kept());
        let follower = fixture.trail.join(&event(4)).unwrap();
        let mut context = Context::from_waker(Waker::noop());
        assert!(leading.as_mut().poll(&mut context).is_pending());
        drop(leading);
        follower.kept().await.unwrap();
        assert_eq!(fixture.seconds(), [1, 2, 3, 4]);
    }

    #[tokio::test]
    async fn nobody_is_told_that_lost_events_are_kept() {
        let fixture = fixture();
        let turns = [1, 2].map(|number| fixture.trail.join(&event(number)).unwrap());
        assert!(!fixture.trail.is_broken());
        fixture.trail.broken.store(true, Ordering::Release);
        assert!(fixture.trail.is_broken());
        for turn in turns {
            turn.kept().await.unwrap_err();
        }
        assert!(fixture.seconds().is_empty());
        let too_large = vec![0; 9 << 20];
        assert!(fixture.trail.join(&too_large).is_err());
    }
}
