//! The credential report of an account, as it was made.

use base::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// A table of an account's users and what they prove themselves with, in CSV.
#[derive(Clone, Debug, PartialEq)]
pub struct CredentialReport {
    /// Whose users it is about.
    pub account: AccountId,
    /// When it was made.
    pub made: Timestamp,
    /// The table.
    pub content: String,
}

impl CredentialReport {
    /// Where the report of this account lies.
    pub fn key_of(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    made: i64,
    content: String,
}

impl Record for CredentialReport {
    const TABLE: &'static str = "identity.credential_report";
    const CACHED: bool = false;
    fn key(&self) -> Key {
        Self::key_of(self.account)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            account: self.account.to_string(),
            made: self.made.micros(),
            content: self.content.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        Ok(Self {
            account: account.map_err(|_| bad(Self::TABLE, "account"))?,
            made: Timestamp::from_micros(form.made),
            content: form.content,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let report = CredentialReport {
            account: AccountId::from_number(1),
            made: Timestamp::from_seconds(1),
            content: "user\n".into(),
        };
        let stored = b"\x01{\"account\":\"000000000001\",\"made\":1000000,\"content\":\"user\\n\"}";
        assert_eq!(report.store(), stored);
        assert_eq!(CredentialReport::load(stored).unwrap(), report);
    }
}
