//! Events of the operator's own doing that are about the server and no account, as a move of its root key.

use base::{Region, RequestId, Timestamp};
use crypto::random;

use super::EventRecord;

/// An event without a caller and without an account: only `alcazar audit` shows it.
#[derive(Clone, Debug)]
pub struct OperatorEvent {
    /// As `MoveRootKey`.
    pub name: &'static str,
    /// The user of the operating system who asked for it.
    pub operator: u32,
    /// `serviceEventDetails`; never a secret.
    pub details: serde_json::Value,
    /// Why it was not done, if it was not.
    pub error: Option<String>,
}

impl OperatorEvent {
    pub(crate) fn record(&self, at: Timestamp) -> EventRecord {
        let id = RequestId::from_random(random::bytes());
        let mut json = serde_json::json!({
            "eventVersion": "1.11",
            "userIdentity": {"type": "Operator", "principalId": self.operator.to_string()},
            "eventTime": at.rfc3339().to_string(),
            "eventSource": "alcazar",
            "eventName": self.name,
            "awsRegion": Region::US_EAST_1.as_str(),
            "sourceIPAddress": "control socket",
            "userAgent": "alcazar",
            "requestParameters": null,
            "responseElements": null,
            "eventID": id.to_string(),
            "readOnly": false,
            "eventType": "AwsServiceEvent",
            "managementEvent": true,
            "serviceEventDetails": self.details,
            "eventCategory": "Management",
        });
        if let (Some(error), Some(members)) = (&self.error, json.as_object_mut()) {
            members.insert("errorCode".into(), "Failed".into());
            members.insert("errorMessage".into(), error.as_str().into());
        }
        EventRecord {
            at,
            id,
            account: None,
            region: Region::US_EAST_1,
            json: json.to_string().into_bytes(),
        }
    }
}
