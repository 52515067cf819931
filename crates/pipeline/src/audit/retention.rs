//! How long events are kept.

use base::Timestamp;
use storage::{Key, Reads, Records, Writes};

use super::find::began;
use super::{EventRow, Trail};
use crate::Failure;

/// AWS's event history has 90 days.
const KEPT_SECONDS: i64 = 90 * 24 * 3600;
/// Rows removed at a time.
const PAGE: usize = 1_000;

impl Trail {
    /// Drops what is older than the event history reaches back.
    pub(crate) async fn forget(&self, records: &Records, now: Timestamp) -> Result<(), Failure> {
        let horizon = now.plus_seconds(-KEPT_SECONDS);
        loop {
            let below = EventRow::key_from(horizon);
            let rows = records
                .scan_back::<EventRow>(&Key::root(), Some(&below), PAGE)
                .await?;
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
