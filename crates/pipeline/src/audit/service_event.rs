//! Events of the services' own doing, as the deletion of a key whose time has come.

use base::{RequestId, Timestamp};
use crypto::random;

use super::EventRecord;
use crate::worker::Subject;

/// An event without a caller: `eventType` is `AwsServiceEvent`, `userIdentity` is the service.
#[derive(Clone, Debug)]
pub struct ServiceEvent {
    /// As `kms.amazonaws.com`.
    pub source: &'static str,
    /// As `DeleteKey`.
    pub name: &'static str,
    /// What it happened to.
    pub subject: Subject,
    /// CloudTrail's type of the resource, as `AWS::KMS::Key`.
    pub resource_type: &'static str,
}

impl ServiceEvent {
    pub(crate) fn record(&self, at: Timestamp) -> EventRecord {
        let id = RequestId::from_random(random::bytes());
        let subject = &self.subject;
        let json = serde_json::json!({
            "eventVersion": "1.11",
            "userIdentity": {"accountId": subject.account.as_str(), "invokedBy": "AWS Internal"},
            "eventTime": at.rfc3339().to_string(),
            "eventSource": self.source,
            "eventName": self.name,
            "awsRegion": subject.region.as_str(),
            "sourceIPAddress": "AWS Internal",
            "userAgent": "AWS Internal",
            "requestParameters": null,
            "responseElements": null,
            "eventID": id.to_string(),
            "readOnly": false,
            "resources": [{
                "accountId": subject.account.as_str(),
                "type": self.resource_type,
                "ARN": subject.arn.as_str(),
            }],
            "eventType": "AwsServiceEvent",
            "managementEvent": true,
            "recipientAccountId": subject.account.as_str(),
            "eventCategory": "Management",
        });
        EventRecord {
            at,
            id,
            account: Some(subject.account),
            region: subject.region,
            json: json.to_string().into_bytes(),
        }
    }
}
