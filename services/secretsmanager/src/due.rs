//! The queue of rotations, soonest first.

use base::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable, Writes};

use crate::secret::Secret;
use crate::stored;

/// That something is to be done for the rotation of a secret at an instant. Exists as long as the secret says so.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Due {
    /// When.
    pub(crate) at: Timestamp,
    /// The account of the secret.
    account: AccountId,
    /// The region of the secret.
    region: Region,
    /// The secret's name.
    name: String,
}

impl Due {
    /// What is to be done for `secret`, if anything.
    pub(crate) fn of(secret: &Secret) -> Option<Self> {
        Some(Self {
            at: secret.rotation.as_ref()?.due?,
            account: secret.account,
            region: secret.region,
            name: secret.name.clone(),
        })
    }

    /// The account of the secret.
    pub(crate) fn account(&self) -> AccountId {
        self.account
    }

    /// Where the secret lies.
    pub(crate) fn of_secret(&self) -> Key {
        Secret::key_of(self.account, &self.region, &self.name)
    }

    /// Moves a secret in the queue, as it was and is.
    pub(crate) fn move_in_queue(before: Option<&Secret>, after: Option<&Secret>, to: &mut Writes) {
        let (before, after) = (before.and_then(Self::of), after.and_then(Self::of));
        if before == after {
            return;
        }
        if let Some(before) = before {
            to.delete::<Self>(&before.key());
        }
        if let Some(after) = after {
            to.put(after);
        }
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    at: i64,
    account: String,
    region: String,
    name: String,
}

impl Record for Due {
    const TABLE: &'static str = "secretsmanager.rotation";
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
impl Due {
    /// Of a secret in us-east-1.
    pub(crate) fn new(account: u64, name: &str, second: i64) -> Self {
        Self {
            at: Timestamp::from_seconds(second),
            account: AccountId::from_number(account),
            region: Region::US_EAST_1,
            name: name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let due = Due {
            at: Timestamp::from_seconds(1),
            account: AccountId::from_number(1),
            region: Region::US_EAST_1,
            name: "a".into(),
        };
        let stored = b"\x01{\"at\":1000000,\"account\":\"000000000001\",\"region\":\"us-east-1\",\"name\":\"a\"}";
        assert_eq!(due.store(), stored);
        assert_eq!(Due::load(stored).unwrap(), due);
    }
}
