//! A long-term access key of a user or of the account's root user.

use base::{AccountId, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// Whose access key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The account's root user.
    Root,
    /// The IAM user of this name.
    User(String),
}

/// Whether an access key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessKeyStatus {
    /// It does.
    Active,
    /// It is refused until it is made active again.
    Inactive,
}

/// An access key. Its secret is needed to verify signatures, so it is kept, sealed, and shown once.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessKey {
    /// `AKIA…`, or what the operator chose.
    pub id: String,
    /// Forty characters, or what the operator chose.
    pub secret: Secret<String>,
    /// The account it signs for.
    pub account: AccountId,
    /// Whose it is.
    pub owner: Owner,
    /// Whether it signs.
    pub status: AccessKeyStatus,
    /// When it was made.
    pub created: Timestamp,
}

impl AccessKey {
    /// Where the access key of this id lies.
    pub fn key_of(id: &str) -> Key {
        Key::root().then(id)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    id: String,
    secret: String,
    account: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    active: bool,
    created: i64,
}

impl Drop for StoredV1 {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.secret);
    }
}

impl Record for AccessKey {
    const TABLE: &'static str = "identity.access_key";
    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            id: self.id.clone(),
            secret: self.secret.expose().clone(),
            account: self.account.to_string(),
            user: match &self.owner {
                Owner::Root => None,
                Owner::User(name) => Some(name.clone()),
            },
            active: self.status == AccessKeyStatus::Active,
            created: self.created.micros(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        Ok(Self {
            id: std::mem::take(&mut form.id),
            secret: Secret::new(std::mem::take(&mut form.secret)),
            account: account.map_err(|_| bad(Self::TABLE, "account"))?,
            owner: form.user.take().map_or(Owner::Root, Owner::User),
            status: match form.active {
                true => AccessKeyStatus::Active,
                false => AccessKeyStatus::Inactive,
            },
            created: Timestamp::from_micros(form.created),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let key = AccessKey {
            id: "AKIA1".into(),
            secret: Secret::new("s3cr3t".into()),
            account: AccountId::from_number(1),
            owner: Owner::User("Ann".into()),
            status: AccessKeyStatus::Inactive,
            created: Timestamp::from_seconds(1),
        };
        let stored = b"\x01{\"id\":\"AKIA1\",\"secret\":\"s3cr3t\",\"account\":\"000000000001\",\"user\":\"Ann\",\"active\":false,\"created\":1000000}";
        assert_eq!(key.store(), stored);
        assert_eq!(AccessKey::load(stored).unwrap(), key);
        assert!(!format!("{key:?}").contains("s3cr3t"));
    }
}
