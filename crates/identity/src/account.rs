//! An account, and the alias it may have.

use base::{AccountId, Arn, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// An AWS account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// The operator's name for it.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// Ids of the root user's access keys.
    pub access_keys: Vec<String>,
    /// Its alias; IAM allows one.
    pub alias: Option<String>,
}

impl Account {
    /// Where the account of this id lies.
    pub fn key_of(id: AccountId) -> Key {
        Key::root().then(id.as_str())
    }
    /// ARN of the root user: `arn:aws:iam::ACCOUNT:root`.
    pub fn root_arn(id: AccountId) -> Arn {
        Arn::new("iam", "", id.as_str(), "root")
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    id: String,
    name: String,
    created: i64,
    access_keys: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alias: Option<String>,
}

impl Record for Account {
    const TABLE: &'static str = "identity.account";
    fn key(&self) -> Key {
        Self::key_of(self.id)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            id: self.id.to_string(),
            name: self.name.clone(),
            created: self.created.micros(),
            access_keys: self.access_keys.clone(),
            alias: self.alias.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        Ok(Self {
            id: form.id.parse().map_err(|_| bad(Self::TABLE, "id"))?,
            name: form.name,
            created: Timestamp::from_micros(form.created),
            access_keys: form.access_keys,
            alias: form.alias,
        })
    }
}

/// Who holds an account alias. Aliases are unique over all accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountAlias {
    /// The alias.
    pub alias: String,
    /// Its holder.
    pub account: AccountId,
}

impl AccountAlias {
    /// Where the holder of this alias lies.
    pub fn key_of(alias: &str) -> Key {
        Key::root().then(alias)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredAliasV1 {
    alias: String,
    account: String,
}

impl Record for AccountAlias {
    const TABLE: &'static str = "identity.account_alias";
    fn key(&self) -> Key {
        Self::key_of(&self.alias)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredAliasV1 {
            alias: self.alias.clone(),
            account: self.account.to_string(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredAliasV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        Ok(Self {
            alias: form.alias,
            account: account.map_err(|_| bad(Self::TABLE, "account"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let account = Account {
            id: AccountId::from_number(123_456_789_012),
            name: "main".into(),
            created: Timestamp::from_seconds(1),
            access_keys: vec!["AKIA1".into()],
            alias: None,
        };
        let stored = b"\x01{\"id\":\"123456789012\",\"name\":\"main\",\"created\":1000000,\"access_keys\":[\"AKIA1\"]}";
        assert_eq!(account.store(), stored);
        assert_eq!(Account::load(stored).unwrap(), account);
        assert!(Account::load(b"\x02{}").is_err());
        assert!(Account::load(b"").is_err());
    }

    #[test]
    fn golden_bytes_of_an_alias() {
        let alias = AccountAlias {
            alias: "acme".into(),
            account: AccountId::from_number(1),
        };
        let stored = b"\x01{\"alias\":\"acme\",\"account\":\"000000000001\"}";
        assert_eq!(alias.store(), stored);
        assert_eq!(AccountAlias::load(stored).unwrap(), alias);
    }
}
