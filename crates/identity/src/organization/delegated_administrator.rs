//! Member accounts that administer services for the organization.
//!
//! AWS document: AWS Organizations User Guide, "Delegated administrator for AWS services that work with Organizations".

use std::collections::BTreeMap;

use base::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// An account, and the services it administers.
#[derive(Clone, Debug, PartialEq)]
pub struct DelegatedAdministrator {
    /// Id of the organization.
    pub organization: String,
    /// The account.
    pub account: AccountId,
    /// Since when for any service.
    pub since: Timestamp,
    /// Since when for each service principal.
    pub services: BTreeMap<String, Timestamp>,
}

impl DelegatedAdministrator {
    /// Where the delegation to this account lies.
    pub fn key_of(organization: &str, account: AccountId) -> Key {
        Self::prefix(organization).then(account.as_str())
    }
    /// What the keys of an organization's delegations begin with.
    pub fn prefix(organization: &str) -> Key {
        Key::root().then(organization)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    organization: String,
    account: String,
    since: i64,
    services: BTreeMap<String, i64>,
}

impl Record for DelegatedAdministrator {
    const TABLE: &'static str = "organization.delegated_administrator";
    fn key(&self) -> Key {
        Self::key_of(&self.organization, self.account)
    }
    fn store(&self) -> Vec<u8> {
        let services = self.services.iter();
        let services = services.map(|(name, since)| (name.clone(), since.micros()));
        write_v1(&StoredV1 {
            organization: self.organization.clone(),
            account: self.account.to_string(),
            since: self.since.micros(),
            services: services.collect(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let services = form.services.into_iter();
        let services = services.map(|(name, since)| (name, Timestamp::from_micros(since)));
        let account = form.account.parse();
        Ok(Self {
            organization: form.organization,
            account: account.map_err(|_| bad(Self::TABLE, "account"))?,
            since: Timestamp::from_micros(form.since),
            services: services.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let record = DelegatedAdministrator {
            organization: "o-1".into(),
            account: AccountId::from_number(1),
            since: Timestamp::from_seconds(1),
            services: [("ram.amazonaws.com".into(), Timestamp::from_seconds(2))].into(),
        };
        let stored = b"\x01{\"organization\":\"o-1\",\"account\":\"000000000001\",\"since\":1000000,\"services\":{\"ram.amazonaws.com\":2000000}}";
        assert_eq!(record.store(), stored);
        assert_eq!(DelegatedAdministrator::load(stored).unwrap(), record);
    }
}
