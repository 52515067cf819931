//! Several records as they stood at one moment.

use crate::{Epoch, Key, Record, Records, StorageError, Version};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where records can be looked up.
pub trait Look: Sync {
    /// The record at `key`.
    fn look<R: Record>(
        &self,
        key: &Key,
    ) -> impl Future<Output = Result<Option<Arc<R>>, StorageError>> + Send;
}

/// Reads records of the tables of an [`Epoch`] and tells afterwards whether they all stood so at one moment. If they
/// did not, whatever was made of them is to be thrown away, errors included, and read again.
///
/// Only what is known in memory and published counts: a row that had to be fetched may be newer than those in memory.
/// It is in memory then, so that another try finds it.
pub struct Snapshot<'r> {
    records: &'r Records,
    epoch: &'r Epoch,
    number: Option<u64>,
    published: Version,
    /// Whether all that was read counts.
    counts: AtomicBool,
}

impl<'r> Snapshot<'r> {
    pub(crate) fn begin(records: &'r Records, epoch: &'r Epoch) -> Self {
        let number = epoch.settled();
        Self {
            records,
            epoch,
            number,
            published: records.published(),
            counts: AtomicBool::new(true),
        }
    }

    /// The epoch of all that was read, if there is one.
    pub fn held(&self) -> Option<u64> {
        let number = self.number.filter(|number| self.epoch.still(*number));
        number.filter(|_| self.counts.load(Ordering::Relaxed))
    }
}

impl Look for Snapshot<'_> {
    async fn look<R: Record>(&self, key: &Key) -> Result<Option<Arc<R>>, StorageError> {
        debug_assert!(self.epoch.covers(R::TABLE), "{}", R::TABLE);
        if let Some(found) = self.records.published_as_of(key, self.published) {
            return Ok(found);
        }
        self.counts.store(false, Ordering::Relaxed);
        self.records.look(key).await
    }
}

impl Look for Records {
    async fn look<R: Record>(&self, key: &Key) -> Result<Option<Arc<R>>, StorageError> {
        Ok(self.get::<R>(key).await?.map(|held| held.arc()))
    }
}
