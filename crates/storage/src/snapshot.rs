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

impl<L: Look> Look for &L {
    async fn look<R: Record>(&self, key: &Key) -> Result<Option<Arc<R>>, StorageError> {
        (*self).look(key).await
    }
}

impl Look for Records {
    async fn look<R: Record>(&self, key: &Key) -> Result<Option<Arc<R>>, StorageError> {
        Ok(self.get::<R>(key).await?.map(|held| held.arc()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Memory, Reads, Unreadable, Writes};
    use crypto::KeyRing;

    struct Note(&'static str, u8);

    impl Record for Note {
        const TABLE: &'static str = "test.note";
        fn key(&self) -> Key {
            key(self.0)
        }
        fn store(&self) -> Vec<u8> {
            vec![self.1]
        }
        fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
            Ok(Self("", bytes.first().copied().unwrap_or_default()))
        }
    }

    struct Other;

    impl Record for Other {
        const TABLE: &'static str = "test.other";
        fn key(&self) -> Key {
            key("other")
        }
        fn store(&self) -> Vec<u8> {
            vec![]
        }
        fn load(_: &[u8]) -> Result<Self, Unreadable> {
            Ok(Self)
        }
    }

    fn key(name: &str) -> Key {
        Key::root().then(name)
    }

    async fn put(records: &Records, notes: &[(&'static str, u8)]) {
        let mut writes = Writes::default();
        for (name, value) in notes {
            writes.put(Note(name, *value));
        }
        records.commit(Reads::none(), writes).await.unwrap();
    }

    async fn value(look: &impl Look, name: &str) -> Option<u8> {
        let found = look.look::<Note>(&key(name)).await.unwrap();
        found.map(|note| note.1)
    }

    fn records(memory: &Arc<Memory>) -> (Records, Arc<KeyRing>) {
        let keys = Arc::new(KeyRing::ephemeral().unwrap());
        (Records::new(memory.clone(), keys.clone()), keys)
    }

    #[tokio::test]
    async fn records_of_two_moments_do_not_hold() {
        let (records, _) = records(&Arc::default());
        let epoch = records.epoch(&["test.note"]);
        put(&records, &[("a", 1), ("b", 1)]).await;
        let before = records.snapshot(&epoch);
        let between = records.snapshot(&epoch);
        assert_eq!(value(&before, "a").await, Some(1));
        assert_eq!(value(&before, "b").await, Some(1));
        assert_eq!(value(&between, "a").await, Some(1));
        assert_eq!(before.held(), Some(1));
        put(&records, &[("a", 2), ("b", 2)]).await;
        value(&between, "b").await;
        assert_eq!(between.held(), None);
        assert_eq!(before.held(), None, "it is not known to hold any more");
        let after = records.snapshot(&epoch);
        assert_eq!(value(&after, "a").await, Some(2));
        assert_eq!(value(&after, "b").await, Some(2));
        assert_eq!((after.held(), epoch.number()), (Some(2), 2));
    }

    #[tokio::test]
    async fn other_tables_do_not_matter() {
        let (records, _) = records(&Arc::default());
        let epoch = records.epoch(&["test.note"]);
        put(&records, &[("a", 1)]).await;
        let snapshot = records.snapshot(&epoch);
        value(&snapshot, "a").await;
        let mut writes = Writes::default();
        writes.put(Other);
        records.commit(Reads::none(), writes).await.unwrap();
        assert_eq!(snapshot.held(), Some(1));
    }

    #[tokio::test]
    async fn nothing_holds_while_a_commit_is_half_shown() {
        let (records, _) = records(&Arc::default());
        let epoch = records.epoch(&["test.note"]);
        epoch.begin();
        assert_eq!(records.snapshot(&epoch).held(), None);
        epoch.end();
        let snapshot = records.snapshot(&epoch);
        assert_eq!(snapshot.held(), Some(1));
        epoch.begin();
        assert_eq!(snapshot.held(), None);
    }

    #[tokio::test]
    async fn what_had_to_be_fetched_counts_the_next_time() {
        let memory = Arc::default();
        let (first, keys) = records(&memory);
        put(&first, &[("a", 1)]).await;
        let reopened = Records::new(memory, keys);
        let epoch = reopened.epoch(&["test.note"]);
        for held in [None, Some(0)] {
            let snapshot = reopened.snapshot(&epoch);
            assert_eq!(value(&snapshot, "a").await, Some(1));
            assert_eq!(value(&snapshot, "none").await, None);
            assert_eq!(snapshot.held(), held);
        }
    }

    /// As when a row was fetched whose commit the engine shows, and memory does not yet.
    #[tokio::test]
    async fn what_is_not_published_does_not_count() {
        let memory = Arc::new(Memory::default());
        let (ahead, keys) = records(&memory);
        let behind = Records::new(memory, keys);
        let epoch = behind.epoch(&["test.note"]);
        put(&ahead, &[("a", 1)]).await;
        for _ in 0..2 {
            let snapshot = behind.snapshot(&epoch);
            assert_eq!(value(&snapshot, "a").await, Some(1));
            assert_eq!(snapshot.held(), None);
        }
    }
}
