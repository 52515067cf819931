//! The services that an organization trusts: they may be administered by member accounts.
//!
//! AWS document: AWS Organizations User Guide, "Using AWS Organizations with other AWS services", trusted access.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::Timestamp;
use identity::organization::{FeatureSet, ManagementKind, Organization, PolicyKind};
use pipeline::{Failure, Lookup};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::errors;
use crate::stored::{read_v1, write_v1};

/// The services that are trusted by one organization.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ServiceAccess {
    /// Id of the organization.
    pub(crate) organization: String,
    /// Since when, by service principal.
    pub(crate) services: BTreeMap<String, Timestamp>,
}

impl ServiceAccess {
    /// Where those of this organization lie.
    pub(crate) fn key_of(organization: &str) -> Key {
        Key::root().then(organization)
    }
}

/// What this organization trusts.
pub(crate) async fn find(
    look: &Lookup<'_>,
    organization: &str,
) -> Result<Arc<ServiceAccess>, Failure> {
    let found = look
        .get::<ServiceAccess>(&ServiceAccess::key_of(organization))
        .await?;
    let none = || ServiceAccess {
        organization: organization.to_owned(),
        services: BTreeMap::new(),
    };
    Ok(found.unwrap_or_else(|| Arc::new(none())))
}

/// The service that must be trusted before it is set up by policies of this kind.
/// AWS document: AWS Organizations API Reference, `ConstraintViolationException`, SERVICE_ACCESS_NOT_ENABLED.
pub(crate) fn set_up_by(kind: PolicyKind) -> Option<&'static str> {
    match kind {
        PolicyKind::Management(ManagementKind::SecurityHub | ManagementKind::SecurityHubCspm) => {
            Some("securityhub.amazonaws.com")
        }
        PolicyKind::Management(ManagementKind::Inspector) => Some("inspector2.amazonaws.com"),
        _ => None,
    }
}

/// Fails where there is nothing but bills.
pub(crate) fn check_available(organization: &Organization) -> Result<(), Failure> {
    match organization.features {
        FeatureSet::All => Ok(()),
        FeatureSet::ConsolidatedBilling => Err(errors::not_all_features()),
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
