//! The services of this server: one line each.

use pipeline::Service;

/// Everything that is served.
pub const SERVICES: &[&Service] = &[
    &iam::SERVICE,
    &sts::SERVICE,
    &kms::SERVICE,
    &cloudtrail::SERVICE,
    &organizations::SERVICE,
    &cloudhsmv2::SERVICE,
    &secretsmanager::SERVICE,
    &ssm::SERVICE,
];
