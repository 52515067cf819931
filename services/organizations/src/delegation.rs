//! Member accounts that administer services for the organization.
//!
//! AWS document: AWS Organizations User Guide, "Delegated administrator for AWS services that work with Organizations".

use std::sync::Arc;

use base::AccountId;
use identity::organization::Organization;
use pipeline::{Failure, Lookup};

use crate::errors;

pub(crate) use identity::organization::DelegatedAdministrator;

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
