//! Noticing that a table has changed.

use crate::Version;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells, for the price of one load, which commit last changed a table. Whoever builds something from records keeps
/// the version it saw *before* it read them, and builds anew once the version differs.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<AtomicU64>);

impl Watch {
    /// The last commit that changed the table, of those since the store was opened. A commit shows here before it
    /// is acknowledged, and after reads see it.
    pub fn version(&self) -> Version {
        Version::from_number(self.0.load(Ordering::Acquire))
    }

    pub(crate) fn advance(&self, version: Version) {
        self.0.fetch_max(version.number(), Ordering::Release);
    }
}
