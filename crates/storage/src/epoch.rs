//! Noticing that any of several tables has changed, or is changing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering, fence};

/// Counts the commits that change any of several tables. Whoever builds something from their records in one
/// [`Snapshot`](crate::Snapshot) may use it until the count moves, which costs one load to learn.
///
/// A commit is counted before anything of it shows in memory, and is acknowledged after.
#[derive(Clone, Debug)]
pub struct Epoch(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    tables: &'static [&'static str],
    begun: AtomicU64,
    done: AtomicU64,
}

impl Epoch {
    pub(crate) fn of(tables: &'static [&'static str]) -> Self {
        Self(Arc::new(Counts {
            tables,
            begun: AtomicU64::new(0),
            done: AtomicU64::new(0),
        }))
    }

    /// How many commits have begun to show. As long as this stays, nothing of the tables has changed.
    pub fn number(&self) -> u64 {
        self.0.begun.load(Ordering::Acquire)
    }

    /// The number, unless a commit is half shown.
    pub(crate) fn settled(&self) -> Option<u64> {
        let done = self.0.done.load(Ordering::Acquire);
        (self.number() == done).then_some(done)
    }

    /// Whether no commit has begun to show since there were `number`, as of what was read before.
    pub(crate) fn still(&self, number: u64) -> bool {
        fence(Ordering::SeqCst);
        self.0.begun.load(Ordering::SeqCst) == number
    }

    pub(crate) fn covers(&self, table: &str) -> bool {
        self.0.tables.contains(&table)
    }

    /// A commit begins to show. One at a time.
    pub(crate) fn begin(&self) {
        self.0.begun.fetch_add(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// It shows whole.
    pub(crate) fn end(&self) {
        self.0.done.fetch_add(1, Ordering::SeqCst);
    }
}
