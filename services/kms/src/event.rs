//! Events of the service's own doing.

use pipeline::Subject;
use pipeline::audit::{ServiceEvent, Told};
use serde_json::json;

use crate::key::Key;

/// The event `name` about `key`.
pub(crate) fn of(key: &Key, name: &'static str, told: Told) -> ServiceEvent {
    ServiceEvent {
        source: "kms.amazonaws.com",
        name,
        subject: Subject {
            account: key.account,
            region: key.region,
            arn: key.arn.clone(),
        },
        resource_type: "AWS::KMS::Key",
        told,
    }
}

/// That what a primary key shares with its replicas was copied to them; none for a key without replicas.
/// AWS document: AWS KMS Developer Guide, "SynchronizeMultiRegionKey" (AWS CloudTrail log entries).
pub(crate) fn synchronized(key: &Key) -> Option<ServiceEvent> {
    let elements = Told::Elements(json!({"keyId": key.arn.as_str()}));
    key.has_replicas()
        .then(|| of(key, "SynchronizeMultiRegionKey", elements))
}
