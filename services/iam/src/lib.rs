//! AWS Identity and Access Management: users, groups, roles and the policies that let them do things.
//!
//! # Differs from AWS
//! Nothing known yet.

mod access_keys;
mod attachment;
mod errors;
mod find;
mod inline_policy;
mod instance_profile;
mod managed_policy;
mod names;
mod operations;
mod paging;
mod policy_size;
mod renaming;
mod shapes;
mod tagging;
#[cfg(test)]
mod testing;
mod trust;

use pipeline::Service;

/// The service, for the catalogue.
pub static SERVICE: Service = Service {
    facts: &iam_api::operations::SERVICE,
    operations: operations::OPERATIONS,
    quotas: &[],
    workers: &[],
};
