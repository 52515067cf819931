//! The queue of secrets to be deleted, soonest first.

use base::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::secret::Secret;
use crate::stored;

/// That a secret is to be deleted at an instant. Exists as long as the secret is marked for deletion.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Deletion {
    /// When.
    pub(crate) at: Timestamp,
    /// The account of the secret.
    pub(crate) account: AccountId,
    /// The region of the secret.
    pub(crate) region: Region,
    /// The secret's name.
    pub(crate) name: String,
}

impl Deletion {
    /// The deletion of `secret` at `at`.
    pub(crate) fn of(secret: &Secret, at: Timestamp) -> Self {
        Self {
            at,
            account: secret.account,
            region: secret.region,
            name: secret.name.clone(),
        }
    }

    /// Where the secret lies that is to be deleted.
    pub(crate) fn of_secret(&self) -> Key {
        Secret::key_of(self.account, &self.region, &self.name)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    at: i64,
    account: String,
    region: String,
    name: String,
}

impl Record for Deletion {
    const TABLE: &'static str = "secretsmanager.deletion";
    const CACHED: bool = false;
    fn key(&self) -> Key {
        // Twenty digits sort as the numbers do.
        let at = format!("{:020}", self.at.micros());
        let place = Key::root().then(&at).then(self.account.as_str());
        place.then(self.region.as_str()).then(&self.name)
    }
    fn store(&self) -> Vec<u8> {
        stored::write(&StoredV1 {
            at: self.at.micros(),
            account: self.account.to_string(),
            region: self.region.to_string(),
            name: self.name.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = stored::read(Self::TABLE, bytes)?;
        let bad = |field| move || stored::bad(Self::TABLE, field);
        Ok(Self {
            at: Timestamp::from_micros(form.at),
            account: form.account.parse().ok().ok_or_else(bad("account"))?,
            region: form.region.parse().ok().ok_or_else(bad("region"))?,
            name: form.name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let deletion = Deletion {
            at: Timestamp::from_seconds(1),
            account: AccountId::from_number(1),
            region: Region::US_EAST_1,
            name: "a".into(),
        };
        let stored = b"\x01{\"at\":1000000,\"account\":\"000000000001\",\"region\":\"us-east-1\",\"name\":\"a\"}";
        assert_eq!(deletion.store(), stored);
        assert_eq!(Deletion::load(stored).unwrap(), deletion);
    }
}
