//! Queues of what KMS does to keys unasked, soonest first.

use std::marker::PhantomData;

use base::{AccountId, Region, Timestamp};
use pipeline::{Duty, Failure};
use serde::{Deserialize, Serialize};
use storage::{Held, Key as Place, Record, Unreadable, Writes};

use crate::alias::Alias;
use crate::custom_key_store::custody::InStore;
use crate::key::Key;
use crate::key_id::KeyId;
use crate::key_state::KeyState;
use crate::stored;

/// Rows read at once.
const BATCH: usize = 256;

/// One kind of duty.
pub(crate) trait Queue: Send + Sync + 'static {
    /// The table of its rows.
    const TABLE: &'static str;
    /// When `key` is due; none if never.
    fn at(key: &Key) -> Option<Timestamp>;
}

/// Keys are deleted when their waiting period is over.
pub(crate) struct Deletion;

impl Queue for Deletion {
    const TABLE: &'static str = "kms.deletion";
    fn at(key: &Key) -> Option<Timestamp> {
        match key.state {
            KeyState::PendingDeletion { at, .. } => Some(at),
            _ => None,
        }
    }
}

/// Enabled keys are rotated when it is time.
pub(crate) struct Rotation;

impl Queue for Rotation {
    const TABLE: &'static str = "kms.rotation";
    fn at(key: &Key) -> Option<Timestamp> {
        match (&key.state, key.rotation) {
            (KeyState::Enabled(_), Some(schedule)) if !key.is_replica() => Some(schedule.next),
            _ => None,
        }
    }
}

/// Imported material goes when it expires.
pub(crate) struct Expiry;

impl Queue for Expiry {
    const TABLE: &'static str = "kms.expiry";
    fn at(key: &Key) -> Option<Timestamp> {
        key.state.versions().first_expiry()
    }
}

/// That a key is due at an instant.
pub(crate) struct Due<Q> {
    /// When.
    pub(crate) at: Timestamp,
    account: AccountId,
    region: Region,
    key: KeyId,
    queue: PhantomData<Q>,
}

impl<Q: Queue> Due<Q> {
    fn of(key: &Key) -> Option<Self> {
        Some(Self {
            at: Q::at(key)?,
            account: key.account,
            region: key.region,
            key: key.id,
            queue: PhantomData,
        })
    }

    /// Where the key lies that is due.
    pub(crate) fn of_key(&self) -> Place {
        Key::key_of(self.account, &self.region, &self.key)
    }
}

/// Keeps `new` in place of `old`, and what it is due for.
pub(crate) fn replace(old: &Key, new: Key) -> Writes {
    let mut writes = Writes::none();
    requeue::<Deletion>(Some(old), Some(&new), &mut writes);
    requeue::<Rotation>(Some(old), Some(&new), &mut writes);
    requeue::<Expiry>(Some(old), Some(&new), &mut writes);
    writes.put(new);
    writes
}

/// Keeps a new key, and what it is due for.
pub(crate) fn make(new: Key) -> Writes {
    let mut writes = Writes::none();
    requeue::<Deletion>(None, Some(&new), &mut writes);
    requeue::<Rotation>(None, Some(&new), &mut writes);
    requeue::<Expiry>(None, Some(&new), &mut writes);
    InStore::put(&new, &mut writes);
    writes.add(new);
    writes
}

/// Removes a key with its aliases and whatever it was due for.
pub(crate) fn remove(old: &Key) -> Writes {
    let mut writes = Writes::none();
    requeue::<Deletion>(Some(old), None, &mut writes);
    requeue::<Rotation>(Some(old), None, &mut writes);
    requeue::<Expiry>(Some(old), None, &mut writes);
    InStore::delete(old, &mut writes);
    for alias in &old.aliases {
        writes.delete::<Alias>(&Alias::key_of(old.account, &old.region, alias));
    }
    writes.delete::<Key>(&old.key());
    writes
}

fn requeue<Q: Queue>(old: Option<&Key>, new: Option<&Key>, writes: &mut Writes) {
    let (old, new) = (old.and_then(Due::<Q>::of), new.and_then(Due::<Q>::of));
    if old.as_ref().map(|due| due.at) == new.as_ref().map(|due| due.at) {
        return;
    }
    if let Some(old) = old {
        writes.delete::<Due<Q>>(&old.key());
    }
    if let Some(new) = new {
        writes.put(new);
    }
}

/// Walks through a queue as far as it is due.
pub(crate) struct Walk<Q> {
    after: Option<Place>,
    queue: PhantomData<Q>,
}

impl<Q: Queue> Walk<Q> {
    /// From the start.
    pub(crate) fn new() -> Self {
        Self {
            after: None,
            queue: PhantomData,
        }
    }

    /// The next rows that are due; empty when there are no more.
    pub(crate) async fn next(&mut self, duty: &Duty<'_>) -> Result<Vec<Held<Due<Q>>>, Failure> {
        let soonest = duty.scan::<Due<Q>>(self.after.as_ref(), BATCH).await?;
        let due = soonest.into_iter();
        let due: Vec<_> = due.take_while(|due| due.at <= duty.now()).collect();
        if let Some(last) = due.last() {
            self.after = Some(Held::key(last));
        }
        Ok(due)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    at: i64,
    account: String,
    region: String,
    key: String,
}

impl<Q: Queue> Record for Due<Q> {
    const TABLE: &'static str = Q::TABLE;
    const CACHED: bool = false;
    fn key(&self) -> Place {
        // Twenty digits sort as the numbers do.
        let at = format!("{:020}", self.at.micros());
        let place = Place::root().then(&at).then(self.account.as_str());
        place.then(self.region.as_str()).then(&self.key.to_string())
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&StoredV1 {
            at: self.at.micros(),
            account: self.account.to_string(),
            region: self.region.to_string(),
            key: self.key.to_string(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        let bad = |field| move || stored::bad(Self::TABLE, field);
        Ok(Self {
            at: Timestamp::from_micros(form.at),
            account: form.account.parse().ok().ok_or_else(bad("account"))?,
            region: form.region.parse().ok().ok_or_else(bad("region"))?,
            key: KeyId::parse(&form.key).ok_or_else(bad("key"))?,
            queue: PhantomData,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(at: i64) -> Due<Deletion> {
        Due {
            at: Timestamp::from_seconds(at),
            account: AccountId::from_number(1),
            region: Region::US_EAST_1,
            key: KeyId::from_bytes([0x11; 16], false),
            queue: PhantomData,
        }
    }

    #[test]
    fn golden_bytes() {
        let stored = b"\x01{\"at\":1000000,\"account\":\"000000000001\",\"region\":\"us-east-1\",\"key\":\"11111111-1111-1111-1111-111111111111\"}";
        assert_eq!(due(1).store(), stored);
        let loaded = Due::<Deletion>::load(stored).unwrap();
        assert_eq!(loaded.key(), due(1).key());
        assert_eq!(loaded.store(), stored);
    }

    #[test]
    fn the_soonest_comes_first() {
        assert!(due(9).key() < due(10).key());
        assert!(due(1_999_999_999).key() < due(10_000_000_000).key());
    }
}
