//! What became of a CreateAccount request.

use base::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// How a request ended: here every one ends at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// This account was made.
    Made(AccountId),
    /// Another account of the organization has this address.
    EmailExists,
}

/// A CreateAccount request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CreateAccountRequest {
    /// `car-…`
    pub(crate) id: String,
    /// Id of the organization.
    pub(crate) organization: String,
    /// Name of the account.
    pub(crate) name: String,
    /// When it came.
    pub(crate) at: Timestamp,
    /// How it ended.
    pub(crate) ended: Ended,
}

impl CreateAccountRequest {
    /// Where the request of this id lies.
    pub(crate) fn key_of(organization: &str, id: &str) -> Key {
        Self::prefix(organization).then(id)
    }
    /// What the keys of an organization's requests begin with.
    pub(crate) fn prefix(organization: &str) -> Key {
        Key::root().then(organization)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    id: String,
    organization: String,
    name: String,
    at: i64,
    account: Option<String>,
}

impl Record for CreateAccountRequest {
    const TABLE: &'static str = "organization.create_account_request";
    fn key(&self) -> Key {
        Self::key_of(&self.organization, &self.id)
    }
    fn store(&self) -> Vec<u8> {
        let account = match self.ended {
            Ended::Made(account) => Some(account.to_string()),
            Ended::EmailExists => None,
        };
        write_v1(&StoredV1 {
            id: self.id.clone(),
            organization: self.organization.clone(),
            name: self.name.clone(),
            at: self.at.micros(),
            account,
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let ended = match form.account.map(|account| account.parse()) {
            Some(Ok(account)) => Ended::Made(account),
            None => Ended::EmailExists,
            Some(Err(_)) => return Err(bad(Self::TABLE, "account")),
        };
        Ok(Self {
            id: form.id,
            organization: form.organization,
            name: form.name,
            at: Timestamp::from_micros(form.at),
            ended,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        for (ended, account) in [
            (Ended::Made(AccountId::from_number(1)), "\"000000000001\""),
            (Ended::EmailExists, "null"),
        ] {
            let request = CreateAccountRequest {
                id: "car-1".into(),
                organization: "o-1".into(),
                name: "a".into(),
                at: Timestamp::from_seconds(1),
                ended,
            };
            let stored = format!(
                "\x01{{\"id\":\"car-1\",\"organization\":\"o-1\",\"name\":\"a\",\"at\":1000000,\"account\":{account}}}"
            );
            assert_eq!(String::from_utf8(request.store()).unwrap(), stored);
            assert_eq!(
                CreateAccountRequest::load(stored.as_bytes()).unwrap(),
                request
            );
        }
    }
}
