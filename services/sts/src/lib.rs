//! AWS Security Token Service: who is calling, and temporary credentials.
//!
//! Differs from AWS: nothing known.

pub mod errors;
mod operations;

use pipeline::Service;

/// The service, for the catalogue.
pub static SERVICE: Service = Service {
    facts: &sts_api::operations::SERVICE,
    operations: operations::OPERATIONS,
    quotas: &[],
    workers: &[],
};
