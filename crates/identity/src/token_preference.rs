//! Which form of tokens an account wants of the global endpoint of STS.

use base::AccountId;
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// An account's choice.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenPreference {
    /// Whose.
    pub account: AccountId,
    /// `GlobalEndpointTokenVersion`: 1 or 2.
    pub version: u8,
}

impl TokenPreference {
    /// What counts where nobody has chosen.
    pub const DEFAULT: u8 = 2;

    /// Where the choice of this account lies.
    pub fn key_of(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    version: u8,
}

impl Record for TokenPreference {
    const TABLE: &'static str = "identity.token_preference";
    const CACHED: bool = false;
    fn key(&self) -> Key {
        Self::key_of(self.account)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            account: self.account.to_string(),
            version: self.version,
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        Ok(Self {
            account: account.map_err(|_| bad(Self::TABLE, "account"))?,
            version: form.version,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let preference = TokenPreference {
            account: AccountId::from_number(1),
            version: 1,
        };
        let stored = b"\x01{\"account\":\"000000000001\",\"version\":1}";
        assert_eq!(preference.store(), stored);
        assert_eq!(TokenPreference::load(stored).unwrap(), preference);
    }
}
