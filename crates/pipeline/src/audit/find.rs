//! Reading the trail: rows of the store and frames of the segments, newest first.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::{RequestId, Timestamp};
use crypto::KeyRing;
use storage::{Key, Records};
use tokio::sync::Semaphore;

use super::query::{Found, Page, Place, Query};
use super::{EventRecord, EventRow, Trail, segment};
use crate::Failure;

/// Rows read from the store at a time.
const ROWS: usize = 500;
/// Rows that one look reads at most.
const MOST_ROWS: usize = 10_000;
/// Segments that one look reads at most, unless it takes more to get on at all.
const MOST_SEGMENTS: usize = 4;
/// Events that one look parses before it lets other calls go on.
const AT_ONCE: usize = 200;
/// Segments in memory at a time, whoever asks for them.
static READING: Semaphore = Semaphore::const_new(2);
/// No call takes longer from its arrival to its record, in seconds: by so much may the events of a segment lie
/// outside of the time in which it was written.
pub(super) const SLACK: i64 = 30;

/// What was found in one of the two stores.
#[derive(Default)]
struct Seen {
    /// Newest first in the store, in no order in the segments.
    found: Vec<Found>,
    /// Everything from here on was looked at; none when all was.
    down_to: Option<Place>,
}

impl Trail {
    /// What `query` wants, newest first, however long it takes.
    pub async fn find(&self, records: &Records, query: &Query) -> Result<Vec<Found>, Failure> {
        let mut all = Vec::new();
        let mut before = query.before;
        loop {
            let page = self
                .page(records, query, before, query.limit - all.len())
                .await?;
            all.extend(page.found);
            before = page.next;
            if before.is_none() || all.len() >= query.limit {
                return Ok(all);
            }
        }
    }

    /// What `query` wants, newest first, as far as a bounded effort goes: less than wanted, or nothing, may be found
    /// though there is more to look at.
    pub async fn look(&self, records: &Records, query: &Query) -> Result<Page, Failure> {
        self.page(records, query, query.before, query.limit).await
    }

    async fn page(
        &self,
        records: &Records,
        query: &Query,
        before: Option<Place>,
        limit: usize,
    ) -> Result<Page, Failure> {
        let rows = in_rows(records, query, before, limit).await?;
        let segments = self.in_segments(query, before, limit).await;
        Ok(merged(rows, segments.map_err(Failure::internal)?, limit))
    }

    async fn in_segments(
        &self,
        query: &Query,
        before: Option<Place>,
        limit: usize,
    ) -> io::Result<Seen> {
        let latest = latest(query, before);
        let mut seen = Seen::default();
        let mut read = 0;
        let paths = self.segment_paths()?;
        let start = latest.or(paths.last().map(|path| began(path)));
        for path in paths.into_iter().rev() {
            let began = began(&path);
            if latest.is_some_and(|latest| began.plus_seconds(-SLACK) > latest) {
                continue;
            }
            let _one_of_few = READING.acquire().await.map_err(io::Error::other)?;
            let events = events(path, self.keys.clone()).await?;
            for some in events.chunks(AT_ONCE) {
                let wanted = some.iter();
                let wanted = wanted.filter(|event| query.wants_place(event, before));
                seen.found
                    .extend(wanted.filter_map(|event| query.found(event)));
                tokio::task::yield_now().await;
            }
            read += 1;
            // What happened after this is in no older segment.
            let whole = began.plus_seconds(SLACK);
            if query.from.is_some_and(|from| whole < from) {
                break;
            }
            let advanced = start.is_some_and(|start| whole.plus_seconds(SLACK) < start);
            let enough = seen.found.iter().filter(|found| found.at > whole).count() >= limit;
            if enough || (read >= MOST_SEGMENTS && advanced) {
                seen.down_to = Some(first_after(whole));
                break;
            }
        }
        Ok(seen)
    }

    pub(super) fn segment_paths(&self) -> io::Result<Vec<PathBuf>> {
        let files = std::fs::read_dir(&self.folder)?;
        let mut paths = files
            .map(|file| file.map(|file| file.path()))
            .collect::<Result<Vec<_>, _>>()?;
        paths.retain(|path| path.extension().is_some_and(|kind| kind == "audit"));
        paths.sort();
        Ok(paths)
    }
}

async fn in_rows(
    records: &Records,
    query: &Query,
    before: Option<Place>,
    limit: usize,
) -> Result<Seen, Failure> {
    let mut seen = Seen::default();
    let mut below = first_key_not_wanted(query, before);
    let mut read = 0;
    loop {
        let rows = records
            .scan_back::<EventRow>(&Key::root(), below.as_ref(), ROWS)
            .await?;
        let wanted = rows.iter().filter(|row| query.wants_place(&row.0, before));
        seen.found
            .extend(wanted.filter_map(|row| query.found(&row.0)));
        tokio::task::yield_now().await;
        read += rows.len();
        let Some(last) = rows.last().filter(|_| rows.len() == ROWS) else {
            return Ok(seen);
        };
        if query.from.is_some_and(|from| last.0.at < from) {
            return Ok(seen);
        }
        if seen.found.len() >= limit || read >= MOST_ROWS {
            seen.down_to = Some((last.0.at, last.0.id));
            return Ok(seen);
        }
        below = Some(last.key());
    }
}

/// The events of both stores as far as both were looked at.
fn merged(rows: Seen, segments: Seen, limit: usize) -> Page {
    let down_to = rows.down_to.max(segments.down_to);
    let mut found = rows.found;
    found.extend(segments.found);
    found.retain(|found| down_to.is_none_or(|down_to| found.place() >= down_to));
    found.sort_by_key(|found| std::cmp::Reverse(found.place()));
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more).map(Found::place);
    Page {
        next: last.or(down_to),
        found,
    }
}

/// The latest instant that can matter.
fn latest(query: &Query, before: Option<Place>) -> Option<Timestamp> {
    query.to.into_iter().chain(before.map(|(at, _)| at)).min()
}

/// Where a scan backwards begins.
fn first_key_not_wanted(query: &Query, before: Option<Place>) -> Option<Key> {
    let before = before.map(|(at, id)| EventRow::key_from(at).then(&id.to_string()));
    let to = query.to.map(|to| EventRow::key_from(next_instant(to)));
    before.into_iter().chain(to).min()
}

/// The first place after an instant.
fn first_after(at: Timestamp) -> Place {
    (next_instant(at), RequestId::from_random([0; 16]))
}

fn next_instant(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.micros().saturating_add(1))
}

/// Every event of a segment; none when it was dropped meanwhile. Off the threads that serve calls.
pub(super) async fn events(path: PathBuf, keys: Arc<KeyRing>) -> io::Result<Vec<EventRecord>> {
    match tokio::task::spawn_blocking(move || segment::read(&path, &keys)).await {
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Ok(read) => read,
        // The server ends, and with it whoever asks.
        Err(ended) if ended.is_cancelled() => std::future::pending().await,
        Err(panicked) => Err(io::Error::other(panicked)),
    }
}

/// When a segment began, from its name.
pub(super) fn began(path: &Path) -> Timestamp {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let digits = name.get(..16).unwrap_or_default();
    Timestamp::from_micros(i64::from_str_radix(digits, 16).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::row::write_form;
    use crate::audit::segment::{Segment, Spare, append_entry};
    use base::{AccountId, FixedClock, Region};
    use storage::{Memory, Reads, Writes};

    struct Fixture {
        trail: Trail,
        records: Records,
        folder: tempfile::TempDir,
        keys: Arc<KeyRing>,
    }

    impl Fixture {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let keys = Arc::new(KeyRing::ephemeral().unwrap());
            let clock = Arc::new(FixedClock::new(Timestamp::from_seconds(0)));
            let path = folder.path().to_owned();
            Self {
                trail: Trail::open(path, keys.clone(), clock, false).unwrap(),
                records: Records::new(Arc::new(Memory::default()), keys.clone()),
                folder,
                keys,
            }
        }

        /// A segment that began at a second and holds events of these.
        fn segment(&self, began: i64, events: impl IntoIterator<Item = i64>) {
            let name = format!("{:016x}-0001.audit", began * 1_000_000);
            let segment = Segment::create(self.folder.path(), &name, &self.keys).unwrap();
            for at in events {
                let mut alone = Vec::new();
                append_entry(&mut alone, |to| write_form(&event(at, 1), to));
                segment.append(&alone, &mut Spare::default()).unwrap();
            }
        }

        async fn rows(&self, events: impl IntoIterator<Item = i64>) {
            let mut writes = Writes::default();
            for at in events {
                writes.put(EventRow(event(at, 2)));
            }
            self.records.commit(Reads::default(), writes).await.unwrap();
        }

        /// Seconds of the events of every page, and how many pages there were.
        async fn pages(&self, limit: usize, query: Query) -> (Vec<i64>, usize) {
            let mut query = Query { limit, ..query };
            let (mut seconds, mut pages) = (Vec::new(), 0);
            loop {
                let page = self.trail.look(&self.records, &query).await.unwrap();
                assert!(page.found.len() <= limit);
                seconds.extend(page.found.iter().map(|found| found.at.seconds()));
                pages += 1;
                match page.next {
                    Some(next) => query.before = Some(next),
                    None => return (seconds, pages),
                }
            }
        }
    }

    fn event(at: i64, number: u8) -> EventRecord {
        let mut id = [number; 16];
        id[8..].copy_from_slice(&at.to_be_bytes());
        EventRecord {
            at: Timestamp::from_seconds(at),
            id: RequestId::from_random(id),
            account: Some(AccountId::from_number(1)),
            region: Region::US_EAST_1,
            json: format!("{{\"odd\":{}}}", at % 2 == 1).into_bytes(),
        }
    }

    fn newest_first(events: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let mut events: Vec<i64> = events.into_iter().collect();
        events.sort_by_key(|at| std::cmp::Reverse(*at));
        events
    }

    #[tokio::test]
    async fn pages_hold_every_event_once_and_in_order() {
        let fixture = Fixture::new();
        // Late records: 95 is in the segment that began at 100, 105 in the one before.
        fixture.segment(40, (41..95).chain([105]));
        fixture.segment(100, [95].into_iter().chain(96..105).chain(106..150));
        fixture.segment(200, 200..260);
        fixture.rows((0..300).step_by(3)).await;
        let all = || newest_first((41..150).chain(200..260).chain((0..300).step_by(3)));
        for limit in [1, 2, 7, 50, 1000] {
            let (found, _) = fixture.pages(limit, Query::default()).await;
            assert_eq!(found, all(), "{limit}");
        }
        let everything = Query {
            limit: usize::MAX,
            ..Query::default()
        };
        let found = fixture
            .trail
            .find(&fixture.records, &everything)
            .await
            .unwrap();
        assert_eq!(found.len(), all().len());
    }

    #[tokio::test]
    async fn a_span_of_time_is_inclusive() {
        let fixture = Fixture::new();
        fixture.segment(0, 0..20);
        fixture.rows(0..20).await;
        let span = |from, to| Query {
            from: Some(Timestamp::from_seconds(from)),
            to: Some(Timestamp::from_seconds(to)),
            ..Query::default()
        };
        assert_eq!(fixture.pages(3, span(5, 7)).await.0, [7, 7, 6, 6, 5, 5]);
        assert_eq!(fixture.pages(3, span(19, 30)).await.0, [19, 19]);
        assert!(fixture.pages(3, span(20, 30)).await.0.is_empty());
        assert!(fixture.pages(3, span(7, 5)).await.0.is_empty());
    }

    #[tokio::test]
    async fn a_look_ends_though_nothing_is_found() {
        let fixture = Fixture::new();
        for number in 0..20 {
            fixture.segment(number * 100, [number * 100 + 50]);
        }
        let odd = |event: &serde_json::Value| event["odd"] == true;
        let query = || Query {
            matches: Some(Box::new(odd)),
            ..Query::default()
        };
        let (found, pages) = fixture.pages(50, query()).await;
        assert!(found.is_empty());
        assert!(pages > 3, "{pages}");
        fixture.segment(150, [151]);
        assert_eq!(fixture.pages(50, query()).await.0, [151]);
    }

    #[tokio::test]
    async fn many_segments_of_one_instant_do_not_stop_it() {
        let fixture = Fixture::new();
        for number in 0..10 {
            fixture.segment(100 + number, [100 + number]);
        }
        let (found, _) = fixture.pages(2, Query::default()).await;
        assert_eq!(found, newest_first(100..110));
    }
}
