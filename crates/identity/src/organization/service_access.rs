//! The services that an organization trusts: they may be administered by member accounts.
//!
//! AWS document: AWS Organizations User Guide, "Using AWS Organizations with other AWS services", trusted access.

use std::collections::BTreeMap;

use base::Timestamp;
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{read_v1, write_v1};

/// The services that are trusted by one organization.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceAccess {
    /// Id of the organization.
    pub organization: String,
    /// Since when, by service principal.
    pub services: BTreeMap<String, Timestamp>,
}

impl ServiceAccess {
    /// Where those of this organization lie.
    pub fn key_of(organization: &str) -> Key {
        Key::root().then(organization)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    organization: String,
    services: BTreeMap<String, i64>,
}

impl Record for ServiceAccess {
    const TABLE: &'static str = "organization.service_access";
    fn key(&self) -> Key {
        Self::key_of(&self.organization)
    }
    fn store(&self) -> Vec<u8> {
        let services = self.services.iter();
        let services = services.map(|(name, since)| (name.clone(), since.micros()));
        write_v1(&StoredV1 {
            organization: self.organization.clone(),
            services: services.collect(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let services = form.services.into_iter();
        let services = services.map(|(name, since)| (name, Timestamp::from_micros(since)));
        Ok(Self {
            organization: form.organization,
            services: services.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let record = ServiceAccess {
            organization: "o-1".into(),
            services: [("ram.amazonaws.com".into(), Timestamp::from_seconds(2))].into(),
        };
        let stored = b"\x01{\"organization\":\"o-1\",\"services\":{\"ram.amazonaws.com\":2000000}}";
        assert_eq!(record.store(), stored);
        assert_eq!(ServiceAccess::load(stored).unwrap(), record);
    }
}
