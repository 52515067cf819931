//! Calls that a service makes of another in its own name, as when Lambda assumes the role of a function.
//!
//! AWS document: CloudTrail User Guide, "CloudTrail userIdentity element", the identity `AWSService`.

use base::{RequestId, Timestamp};
use serde_json::{Value, json};

use super::EventRecord;
use super::service_event::event_of;
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
        let own = json!({
            "userIdentity": {"type": "AWSService", "invokedBy": self.caller},
            "sourceIPAddress": self.caller,
            "userAgent": self.caller,
            "requestParameters": self.parameters,
            "responseElements": self.elements,
            "requestID": self.id.to_string(),
            "eventType": "AwsApiCall",
            "managementEvent": self.management,
            "eventCategory": if self.management { "Management" } else { "Data" },
        });
        let named = (self.source, self.name);
        event_of(named, &self.subject, self.resource_type, at, |event| {
            event.extend(own.as_object().cloned().unwrap_or_default());
            if let Some((code, message)) = &self.error {
                let message = message.split_at(message.floor_char_boundary(LONGEST_MESSAGE));
                event.insert("errorCode".into(), (*code).into());
                event.insert("errorMessage".into(), message.0.into());
            }
        })
    }
}
