//! AWS Security Token Service: who is calling, and temporary credentials.
//!
//! Differs from AWS: nothing known.

mod errors;
mod issuer;
mod mfa;
mod operations;
mod role;
mod session_policies;
mod session_tags;
#[cfg(test)]
mod testing;
mod token;

use pipeline::Service;

/// The service, for the catalogue.
pub static SERVICE: Service = Service {
    facts: &sts_api::operations::SERVICE,
    operations: operations::OPERATIONS,
    quotas: &[],
    workers: &[],
};
