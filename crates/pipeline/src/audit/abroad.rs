//! The second record of a call that changes something in another region than its own.

use base::{AccountId, Arn, Region};
use serde_json::Value;

/// What a call did in another region: AWS records it there too, under the same request id, as the work of the service
/// on the caller's behalf.
/// AWS document: AWS KMS Developer Guide, "UpdatePrimaryRegion" and "ReplicateKey" (AWS CloudTrail log entries).
#[derive(Clone, Debug)]
pub struct Abroad {
    /// As `CreateKey`.
    pub operation: &'static str,
    /// Where.
    pub region: Region,
    /// `requestParameters`; never a secret.
    pub parameters: Value,
    /// `responseElements`; never a secret.
    pub elements: Value,
    /// What was changed, and whose it is.
    pub resource: Option<(Arn, AccountId)>,
}
