//! What the committing thread has done since the store was opened, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// What became of the commits since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Commits that are kept.
    pub kept: u64,
    /// Those that were refused because something they relied on had changed.
    pub conflicts: u64,
    /// Those that could not be kept.
    pub failed: u64,
    /// Groups in which those that are kept were written: as many writes, and as many syncs.
    pub groups: u64,
    /// What was written for them, in bytes.
    pub bytes: u64,
}

/// The same while it is counted, by one thread.
#[derive(Default)]
pub(super) struct Count {
    pub(super) kept: AtomicU64,
    pub(super) conflicts: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) groups: AtomicU64,
    pub(super) bytes: AtomicU64,
}

impl Count {
    pub(super) fn written(&self) -> Written {
        let now = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Written {
            kept: now(&self.kept),
            conflicts: now(&self.conflicts),
            failed: now(&self.failed),
            groups: now(&self.groups),
            bytes: now(&self.bytes),
        }
    }
}

/// So many more.
pub(super) fn more(counter: &AtomicU64, number: usize) {
    counter.fetch_add(number as u64, Ordering::Relaxed);
}
