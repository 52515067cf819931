//! The services that an organization trusts: they may be administered by member accounts.
//!
//! AWS document: AWS Organizations User Guide, "Using AWS Organizations with other AWS services", trusted access.

use std::collections::BTreeMap;
use std::sync::Arc;

use identity::organization::{FeatureSet, ManagementKind, Organization, PolicyKind};
use pipeline::{Failure, Lookup};

use crate::errors;

pub(crate) use identity::organization::ServiceAccess;

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
