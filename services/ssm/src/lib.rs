//! ssm. What differs from AWS: nothing is built yet.

mod operations;

/// The service, for the server's catalogue.
pub static SERVICE: pipeline::Service = pipeline::Service {
    facts: &ssm_api::operations::SERVICE,
    operations: operations::ALL,
    quotas: &[],
    workers: &[],
    managed_keys: None,
};
