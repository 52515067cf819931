//! AWS Identity and Access Management: users, groups, roles and the policies that let them do things.
//!
//! # Differs from AWS
//! Nothing known yet.

mod errors;
mod find;
mod names;
mod operations;
mod paging;
mod shapes;
mod tagging;
#[cfg(test)]
mod testing;

use pipeline::Service;

/// The service, for the catalogue.
pub static SERVICE: Service = Service {
    facts: &iam_api::operations::SERVICE,
    operations: operations::OPERATIONS,
    quotas: &[],
    workers: &[],
};
