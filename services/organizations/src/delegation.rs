//! Member accounts that administer services for the organization.
//!
//! AWS document: AWS Organizations User Guide, "Delegated administrator for AWS services that work with Organizations".

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{AccountId, Timestamp};
use identity::organization::Organization;
use pipeline::{Failure, Lookup};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::errors;
use crate::stored::{bad, read_v1, write_v1};

/// An account, and the services it administers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DelegatedAdministrator {
    /// Id of the organization.
    pub(crate) organization: String,
    /// The account.
    pub(crate) account: AccountId,
    /// Since when for any service.
    pub(crate) since: Timestamp,
    /// Since when for each service principal.
    pub(crate) services: BTreeMap<String, Timestamp>,
}

impl DelegatedAdministrator {
    /// Where the delegation to this account lies.
    pub(crate) fn key_of(organization: &str, account: AccountId) -> Key {
        Self::prefix(organization).then(account.as_str())
    }
    /// What the keys of an organization's delegations begin with.
    pub(crate) fn prefix(organization: &str) -> Key {
        Key::root().then(organization)
    }
}

/// The delegation to this account.
pub(crate) async fn find(
    look: &Lookup<'_>,
    organization: &Organization,
    account: AccountId,
) -> Result<Option<Arc<DelegatedAdministrator>>, Failure> {
    let key = DelegatedAdministrator::key_of(&organization.id, account);
    look.get(&key).await
}

/// Fails unless this is the form of a service principal.
pub(crate) fn check_service(principal: &str) -> Result<(), Failure> {
    let service = principal.strip_suffix(".amazonaws.com");
    match service.is_some_and(|service| !service.is_empty()) {
        true => Ok(()),
        false => Err(errors::unknown_service_principal()),
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
