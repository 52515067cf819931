//! Calls that a service makes of another in its own name, as when Lambda assumes the role of a function.
//!
//! AWS document: CloudTrail User Guide, "CloudTrail userIdentity element", the identity `AWSService`.

use base::{RequestId, Timestamp};
use crypto::random;
use serde_json::{Value, json};

use super::EventRecord;
use crate::worker::Subject;

/// Longest `errorMessage`, in bytes; the rest is cut.
const LONGEST_MESSAGE: usize = 1024;

/// A call whose caller is a service.
#[derive(Clone, Debug)]
pub(crate) struct ServiceCall {
    /// Who calls, as `lambda.amazonaws.com`.
    pub(crate) caller: &'static str,
    /// Whom, as `sts.amazonaws.com`.
    pub(crate) source: &'static str,
    /// As `AssumeRole`.
    pub(crate) name: &'static str,
    /// What it is about.
    pub(crate) subject: Subject,
    /// CloudTrail's type of the resource, as `AWS::IAM::Role`.
    pub(crate) resource_type: &'static str,
    /// `requestParameters`; never a secret.
    pub(crate) parameters: Value,
    /// `responseElements`; never a secret.
    pub(crate) elements: Value,
    /// Code and message, if it failed.
    pub(crate) error: Option<(&'static str, String)>,
    /// `requestID`
    pub(crate) id: RequestId,
    /// Whether it manages the resource, rather than uses what is in it.
    pub(crate) management: bool,
}

impl ServiceCall {
    pub(crate) fn record(&self, at: Timestamp) -> EventRecord {
        let id = RequestId::from_random(random::bytes());
        let subject = &self.subject;
        let mut json = json!({
            "eventVersion": "1.11",
            "userIdentity": {"type": "AWSService", "invokedBy": self.caller},
            "eventTime": at.rfc3339().to_string(),
            "eventSource": self.source,
            "eventName": self.name,
            "awsRegion": subject.region.as_str(),
            "sourceIPAddress": self.caller,
            "userAgent": self.caller,
            "requestParameters": self.parameters,
            "responseElements": self.elements,
            "requestID": self.id.to_string(),
            "eventID": id.to_string(),
            "readOnly": false,
            "resources": [{
                "accountId": subject.account.as_str(),
                "type": self.resource_type,
                "ARN": subject.arn.as_str(),
            }],
            "eventType": "AwsApiCall",
            "managementEvent": self.management,
            "recipientAccountId": subject.account.as_str(),
            "eventCategory": if self.management { "Management" } else { "Data" },
        });
        if let (Some((code, message)), Some(members)) = (&self.error, json.as_object_mut()) {
            let message = message.split_at(message.floor_char_boundary(LONGEST_MESSAGE));
            members.insert("errorCode".into(), (*code).into());
            members.insert("errorMessage".into(), message.0.into());
        }
        EventRecord {
            at,
            id,
            account: Some(subject.account),
            region: subject.region,
            json: json.to_string().into_bytes(),
        }
    }
}
