//! Where a key is kept, and which keys a store keeps.

use std::sync::Arc;

use base::{AccountId, Region};
use serde::{Deserialize, Serialize};
use storage::{Key as Place, Record, Unreadable, Writes};

use crate::key::Key;
use crate::key_id::KeyId;
use crate::stored;

/// Where a key is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Custody {
    /// Here: this server has its material.
    Here,
    /// In a custom key store.
    Elsewhere(Arc<Elsewhere>),
}

/// A key's place in a custom key store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Elsewhere {
    /// Id of the store.
    pub(crate) store: String,
    /// `XksKeyId`, in an external key store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) xks_key_id: Option<String>,
}

impl Custody {
    /// The place of a key that is not kept here.
    pub(crate) fn elsewhere(&self) -> Option<&Elsewhere> {
        match self {
            Self::Here => None,
            Self::Elsewhere(place) => Some(place),
        }
    }
}

/// That a custom key store keeps a key. In an external key store a key of the key manager has one such row at most.
pub(crate) struct InStore {
    account: AccountId,
    region: Region,
    store: String,
    /// `XksKeyId`, or the id of the KMS key.
    slot: String,
    key: KeyId,
}

impl InStore {
    /// The row of `key`; none for a key that is kept here.
    pub(crate) fn of(key: &Key) -> Option<Self> {
        let place = key.custody.elsewhere()?;
        let slot = place.xks_key_id.clone();
        Some(Self {
            account: key.account,
            region: key.region,
            store: place.store.clone(),
            slot: slot.unwrap_or_else(|| key.id.to_string()),
            key: key.id,
        })
    }

    /// What the rows of a store begin with.
    pub(crate) fn prefix(account: AccountId, region: &Region, store: &str) -> Place {
        let place = Place::root().then(account.as_str());
        place.then(region.as_str()).then(store)
    }

    /// Where the row of an external key lies.
    pub(crate) fn key_of(account: AccountId, region: &Region, store: &str, slot: &str) -> Place {
        Self::prefix(account, region, store).then(slot)
    }

    /// Keeps the row of `key`, if it has one.
    pub(crate) fn put(key: &Key, writes: &mut Writes) {
        if let Some(row) = Self::of(key) {
            writes.put(row);
        }
    }

    /// Removes it.
    pub(crate) fn delete(key: &Key, writes: &mut Writes) {
        if let Some(row) = Self::of(key) {
            writes.delete::<Self>(&row.key());
        }
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    region: String,
    store: String,
    slot: String,
    key: String,
}

impl Record for InStore {
    const TABLE: &'static str = "kms.in_custom_key_store";
    const CACHED: bool = false;
    fn key(&self) -> Place {
        Self::key_of(self.account, &self.region, &self.store, &self.slot)
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&StoredV1 {
            account: self.account.to_string(),
            region: self.region.to_string(),
            store: self.store.clone(),
            slot: self.slot.clone(),
            key: self.key.to_string(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        let bad = |field| move || stored::bad(Self::TABLE, field);
        Ok(Self {
            account: form.account.parse().ok().ok_or_else(bad("account"))?,
            region: form.region.parse().ok().ok_or_else(bad("region"))?,
            store: form.store,
            slot: form.slot,
            key: KeyId::parse(&form.key).ok_or_else(bad("key"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::some_key;

    #[test]
    fn golden_bytes() {
        let place = Elsewhere {
            store: "cks-1".into(),
            xks_key_id: Some("x".into()),
        };
        let key = Key {
            custody: Custody::Elsewhere(Arc::new(place)),
            ..some_key()
        };
        let row = InStore::of(&key).unwrap();
        let stored = b"\x01{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"store\":\"cks-1\",\"slot\":\"x\",\"key\":\"11111111-1111-1111-1111-111111111111\"}";
        assert_eq!(row.store(), stored);
        let loaded = InStore::load(stored).unwrap();
        assert_eq!((loaded.key(), loaded.store()), (row.key(), row.store()));
        assert!(InStore::of(&some_key()).is_none());
    }
}
