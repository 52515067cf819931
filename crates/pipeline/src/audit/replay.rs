//! Reading the trail forward, from an instant on, for what is derived from it.

use base::Timestamp;
use storage::{Key, Records};

use super::find::{SLACK, began, events};
use super::{EventRecord, EventRow, Trail};
use crate::Failure;

/// Rows read at a time.
const ROWS: usize = 1_000;

/// A part of the trail.
pub(crate) struct Part {
    /// Its events, in no order.
    pub(crate) events: Vec<EventRecord>,
    /// Where to begin the next time, once this part and those before it were taken in.
    pub(crate) until: Option<Timestamp>,
}

/// Reads every event that may have been recorded since an instant; some of before come too.
pub(crate) struct Replay<'a> {
    trail: &'a Trail,
    records: &'a Records,
    /// The row read last; none once all were read.
    row: Option<Key>,
    /// Segments to read, the oldest last.
    segments: Vec<std::path::PathBuf>,
}

impl<'a> Replay<'a> {
    /// From `from` on.
    pub(crate) fn new(
        trail: &'a Trail,
        records: &'a Records,
        from: Timestamp,
    ) -> Result<Self, Failure> {
        let first = Timestamp::from_micros(from.plus_seconds(-SLACK).micros().max(0));
        let paths = trail.segment_paths().map_err(Failure::internal)?;
        let next = paths.iter().skip(1).map(|path| Some(began(path)));
        let ends = next.chain([None]);
        let due = |end: Option<Timestamp>| end.is_none_or(|end| end.plus_seconds(SLACK) >= first);
        let segments = paths.iter().zip(ends).filter(|(_, end)| due(*end));
        let mut segments: Vec<_> = segments.map(|(path, _)| path.clone()).collect();
        segments.reverse();
        Ok(Self {
            trail,
            records,
            row: Some(EventRow::key_from(first)),
            segments,
        })
    }

    /// The next part; none after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Part>, Failure> {
        if let Some(after) = self.row.take() {
            return self.rows(after).await.map(Some);
        }
        let Some(path) = self.segments.pop() else {
            return Ok(None);
        };
        let keys = self.trail.keys.clone();
        let read = events(path, keys).await.map_err(Failure::internal)?;
        Ok(Some(Part {
            events: read,
            until: self.segments.last().map(|next| began(next)),
        }))
    }

    async fn rows(&mut self, after: Key) -> Result<Part, Failure> {
        let root = Key::root();
        let rows = self.records.scan::<EventRow>(&root, Some(&after), ROWS);
        let rows = rows.await?;
        self.row = rows
            .last()
            .filter(|_| rows.len() == ROWS)
            .map(|row| row.key());
        Ok(Part {
            events: rows.iter().map(|row| row.0.clone()).collect(),
            until: None,
        })
    }
}
