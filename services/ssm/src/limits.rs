//! Numbers that AWS documents.
//!
//! AWS document: AWS General Reference, "AWS Systems Manager endpoints and quotas", Parameter Store.

/// Standard parameters of an account in a region.
pub(crate) const STANDARD_PARAMETERS: u64 = 10_000;
/// Advanced parameters of an account in a region.
pub(crate) const ADVANCED_PARAMETERS: u64 = 100_000;
/// Bytes of a standard parameter's value.
pub(crate) const STANDARD_BYTES: usize = 4096;
/// Bytes of an advanced parameter's value.
pub(crate) const ADVANCED_BYTES: usize = 8192;
/// Versions of a parameter.
pub(crate) const VERSIONS: u64 = 100;
/// Labels of a version.
pub(crate) const LABELS: usize = 10;
/// Policies of a parameter.
pub(crate) const POLICIES: usize = 10;
/// Levels of a hierarchy.
pub(crate) const LEVELS: usize = 15;
/// Characters of a parameter's ARN.
pub(crate) const ARN_LENGTH: usize = 1011;
/// Tags of a parameter.
pub(crate) const TAGS: usize = 50;

/// Bytes of a resource policy. AWS: Systems Manager API Reference, PutResourcePolicy, has no number; this is that of
/// resource policies elsewhere.
pub(crate) const POLICY_BYTES: usize = 20_480;
