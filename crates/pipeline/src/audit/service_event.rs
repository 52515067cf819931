//! Events of the services' own doing, as the deletion of a key whose time has come.

use base::{RequestId, Timestamp};
use crypto::random;
use serde_json::{Map, Value, json};

use super::EventRecord;
use crate::worker::Subject;

/// An event without a caller: `userIdentity` is the service.
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
    /// What more there is to tell; never a secret.
    pub told: Told,
}

/// What an event tells beside its subject.
#[derive(Clone, Debug)]
pub enum Told {
    /// Nothing.
    Nothing,
    /// `serviceEventDetails`.
    Details(Value),
    /// `responseElements` of a call that the service made to itself: `eventType` is `AwsApiCall`, and there is a
    /// `requestID`.
    Elements(Value),
    /// `additionalEventData` of what the service, which names itself, did in several steps.
    Steps {
        /// `additionalEventData`.
        data: Value,
        /// `requestID`, which all the steps share.
        request: String,
        /// `errorMessage`, where it failed.
        error: Option<String>,
    },
}

impl ServiceEvent {
    pub(crate) fn record(&self, at: Timestamp) -> EventRecord {
        let named = (self.source, self.name);
        event_of(named, &self.subject, self.resource_type, at, |event| {
            self.told.write(self.source, event);
        })
    }
}

/// What happened to `subject` without a client's call: an event of the service's own, unless `rest` says otherwise.
pub(super) fn event_of(
    (source, name): (&str, &str),
    subject: &Subject,
    resource_type: &str,
    at: Timestamp,
    rest: impl FnOnce(&mut Map<String, Value>),
) -> EventRecord {
    let id = RequestId::from_random(random::bytes());
    let account = subject.account.as_str();
    let mut event = json!({
        "eventVersion": "1.11",
        "userIdentity": {"accountId": account, "invokedBy": "AWS Internal"},
        "eventTime": at.rfc3339().to_string(),
        "eventSource": source,
        "eventName": name,
        "awsRegion": subject.region.as_str(),
        "sourceIPAddress": "AWS Internal",
        "userAgent": "AWS Internal",
        "requestParameters": null,
        "responseElements": null,
        "eventID": id.to_string(),
        "readOnly": false,
        "resources": [{"accountId": account, "type": resource_type, "ARN": subject.arn.as_str()}],
        "eventType": "AwsServiceEvent",
        "managementEvent": true,
        "recipientAccountId": account,
        "eventCategory": "Management",
    });
    if let Some(members) = event.as_object_mut() {
        rest(members);
    }
    EventRecord {
        at,
        id,
        account: Some(subject.account),
        region: subject.region,
        json: event.to_string().into_bytes(),
    }
}

impl Told {
    fn write(&self, source: &str, members: &mut Map<String, Value>) {
        let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
        match self {
            Self::Nothing => {}
            Self::Details(details) => {
                set("serviceEventDetails", details.clone());
            }
            Self::Elements(elements) => {
                let request = RequestId::from_random(random::bytes());
                set("requestID", request.to_string().into());
                set("eventType", "AwsApiCall".into());
                set("responseElements", elements.clone());
            }
            Self::Steps {
                data,
                request,
                error,
            } => {
                set("additionalEventData", data.clone());
                set("requestID", request.as_str().into());
                set("sourceIPAddress", source.into());
                set("userAgent", source.into());
                if let Some(error) = error {
                    set("errorMessage", error.as_str().into());
                }
                if let Some(identity) = members.get_mut("userIdentity") {
                    identity["invokedBy"] = source.into();
                }
            }
        }
    }
}
