//! The queue of keys to be deleted, soonest first.

use base::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key as Place, Record, Unreadable};

use crate::key::Key;
use crate::key_id::KeyId;
use crate::stored;

/// That a key is to be deleted at an instant. Exists as long as the key is pending deletion.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Deletion {
    /// When.
    pub(crate) at: Timestamp,
    /// The account of the key.
    pub(crate) account: AccountId,
    /// The region of the key.
    pub(crate) region: Region,
    /// The key.
    pub(crate) key: KeyId,
}

impl Deletion {
    /// The deletion of `key` at `at`.
    pub(crate) fn of(key: &Key, at: Timestamp) -> Self {
        Self {
            at,
            account: key.account,
            region: key.region,
            key: key.id,
        }
    }

    /// Where the key lies that is to be deleted.
    pub(crate) fn of_key(&self) -> Place {
        Key::key_of(self.account, &self.region, &self.key)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    at: i64,
    account: String,
    region: String,
    key: String,
}

impl Record for Deletion {
    const TABLE: &'static str = "kms.deletion";
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
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deletion(at: i64) -> Deletion {
        Deletion {
            at: Timestamp::from_seconds(at),
            account: AccountId::from_number(1),
            region: Region::US_EAST_1,
            key: KeyId::from_bytes([0x11; 16], false),
        }
    }

    #[test]
    fn golden_bytes() {
        let stored = b"\x01{\"at\":1000000,\"account\":\"000000000001\",\"region\":\"us-east-1\",\"key\":\"11111111-1111-1111-1111-111111111111\"}";
        assert_eq!(deletion(1).store(), stored);
        assert_eq!(Deletion::load(stored).unwrap(), deletion(1));
    }

    #[test]
    fn the_soonest_comes_first() {
        assert!(deletion(9).key() < deletion(10).key());
        assert!(deletion(1_999_999_999).key() < deletion(10_000_000_000).key());
    }
}
