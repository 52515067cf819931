//! AWS Identity and Access Management: users, groups, roles and the policies that let them do things.
//!
//! Differs from AWS: nothing known yet.

pub mod errors;
mod operations;

use pipeline::Service;

/// The service, for the catalogue.
pub static SERVICE: Service = Service {
    facts: &iam_api::operations::SERVICE,
    operations: operations::OPERATIONS,
    quotas: &[],
    workers: &[],
};
