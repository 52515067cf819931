//! Reading the trail: rows of the store and frames of the segments, newest first.

use std::path::{Path, PathBuf};

use base::{AccountId, Region, RequestId, Timestamp};
use storage::{Key, Reads, Records, Writes};

use super::{EventRecord, EventRow, Trail, segment};
use crate::Failure;

/// How long events are kept: AWS's event history has 90 days.
const KEPT_SECONDS: i64 = 90 * 24 * 3600;
/// Rows read from the store at a time.
const PAGE: usize = 1_000;

/// Which events are wanted.
#[derive(Default)]
pub struct Query {
    /// Of this account only.
    pub account: Option<AccountId>,
    /// Of this region only.
    pub region: Option<Region>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Up to and with this instant.
    pub to: Option<Timestamp>,
    /// Only events older than this one: the last of the page before.
    pub before: Option<(Timestamp, RequestId)>,
    /// A further condition on the event's JSON.
    pub matches: Option<Matches>,
    /// At most this many.
    pub limit: usize,
}

/// A condition on an event's JSON.
pub type Matches = Box<dyn Fn(&serde_json::Value) -> bool + Send + Sync>;

/// An event found.
#[derive(Clone, Debug)]
pub struct Found {
    /// When it was.
    pub at: Timestamp,
    /// `eventID`
    pub id: RequestId,
    /// The event as recorded.
    pub json: String,
    /// The same, parsed.
    pub event: serde_json::Value,
}

impl Query {
    fn wants_place(&self, event: &EventRecord) -> bool {
        let place = (event.at, event.id);
        self.account.is_none_or(|account| event.account == Some(account))
            && self.region.is_none_or(|region| event.region == region)
            && self.from.is_none_or(|from| event.at >= from)
            && self.to.is_none_or(|to| event.at <= to)
            && self.before.is_none_or(|before| place < before)
    }

    fn found(&self, event: EventRecord) -> Option<Found> {
        if !self.wants_place(&event) {
            return None;
        }
        let parsed: serde_json::Value = serde_json::from_slice(&event.json).ok()?;
        let matches = self.matches.as_ref().is_none_or(|matches| matches(&parsed));
        matches.then(|| Found {
            at: event.at,
            id: event.id,
            json: String::from_utf8_lossy(&event.json).into_owned(),
            event: parsed,
        })
    }

    /// The latest instant that can matter.
    fn latest(&self) -> Option<Timestamp> {
        let before = self.before.map(|(at, _)| at);
        self.to.into_iter().chain(before).min()
    }
}

impl Trail {
    /// What `query` wants, newest first.
    pub async fn find(&self, records: &Records, query: &Query) -> Result<Vec<Found>, Failure> {
        let mut found = self.in_rows(records, query).await?;
        found.extend(self.in_segments(query).map_err(Failure::internal)?);
        found.sort_by_key(|found| std::cmp::Reverse((found.at, found.id)));
        found.truncate(query.limit);
        Ok(found)
    }

    async fn in_rows(&self, records: &Records, query: &Query) -> Result<Vec<Found>, Failure> {
        let mut found = Vec::new();
        let mut below = query.latest().map(|at| EventRow::key_from(at.plus_seconds(1)));
        loop {
            let rows = records.scan_back::<EventRow>(&Key::root(), below.as_ref(), PAGE).await?;
            below = rows.last().map(|row| row.key());
            let full = rows.len() == PAGE;
            let oldest = rows.last().map(|row| row.0.at);
            found.extend(rows.iter().filter_map(|row| query.found(row.0.clone())));
            let too_old = oldest < query.from;
            if !full || too_old || found.len() >= query.limit {
                return Ok(found);
            }
        }
    }

    fn in_segments(&self, query: &Query) -> std::io::Result<Vec<Found>> {
        let mut found: Vec<Found> = Vec::new();
        for path in self.segment_paths()?.iter().rev() {
            let began = began(path);
            if query.latest().is_some_and(|latest| began > latest) {
                continue;
            }
            let events = segment::read(path, &self.keys)?;
            found.extend(events.into_iter().filter_map(|event| query.found(event)));
            if found.len() >= query.limit || query.from.is_some_and(|from| began < from) {
                break;
            }
        }
        Ok(found)
    }

    fn segment_paths(&self) -> std::io::Result<Vec<PathBuf>> {
        let files = std::fs::read_dir(&self.folder)?;
        let mut paths = files
            .map(|file| file.map(|file| file.path()))
            .collect::<Result<Vec<_>, _>>()?;
        paths.retain(|path| path.extension().is_some_and(|kind| kind == "audit"));
        paths.sort();
        Ok(paths)
    }

    /// Drops what is older than the event history reaches back.
    pub(crate) async fn forget(&self, records: &Records, now: Timestamp) -> Result<(), Failure> {
        let horizon = now.plus_seconds(-KEPT_SECONDS);
        loop {
            let below = EventRow::key_from(horizon);
            let rows = records.scan_back::<EventRow>(&Key::root(), Some(&below), PAGE).await?;
            if rows.is_empty() {
                break;
            }
            let mut writes = Writes::default();
            for row in rows.iter() {
                writes.delete::<EventRow>(&row.key());
            }
            let committed = records.commit(Reads::default(), writes).await;
            committed.map_err(Failure::internal)?;
        }
        self.forget_segments(horizon).map_err(Failure::internal)
    }

    /// A segment goes when the next one began before the horizon: then all of its events are older.
    fn forget_segments(&self, horizon: Timestamp) -> std::io::Result<()> {
        let paths = self.segment_paths()?;
        for (path, next) in paths.iter().zip(paths.iter().skip(1)) {
            if began(next) < horizon {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// When a segment began, from its name.
fn began(path: &Path) -> Timestamp {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let digits = name.get(..16).unwrap_or_default();
    Timestamp::from_micros(i64::from_str_radix(digits, 16).unwrap_or_default())
}
