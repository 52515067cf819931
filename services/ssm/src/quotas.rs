//! Request quotas, with AWS's defaults.
//!
//! AWS document: AWS General Reference, "AWS Systems Manager endpoints and quotas", Parameter Store.

use pipeline::Quota;

/// All of them.
pub(crate) const QUOTAS: &[Quota] = &[Quota {
    name: "ssm/parameters",
    operations: &["GetParameter", "GetParameters", "GetParametersByPath"],
    per_second: |_| 40,
}];
