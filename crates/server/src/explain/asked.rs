//! What is to be explained: as the operator types it, or as a record tells it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;

/// What the operator wants explained.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Asking {
    /// The call of this event or request id; what is given here replaces what its record says.
    Event {
        id: String,
        resource: Option<String>,
        context: Vec<(String, String)>,
    },
    /// A call that nobody has made.
    Call(Asked),
}

/// One action on one resource by one principal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// ARN of the caller.
    pub(crate) principal: String,
    /// ARN of the user who issued a federated session.
    pub(crate) issuer: Option<String>,
    /// Unique id the caller had.
    pub(crate) id: Option<String>,
    /// The access key that signed a recorded call.
    pub(crate) access_key_id: Option<String>,
    /// When a recorded call was made.
    pub(crate) at: Option<String>,
    /// As `kms:Encrypt`.
    pub(crate) action: String,
    /// An ARN; none for what knows no resource.
    pub(crate) resource: Option<String>,
    /// Condition keys with their values.
    pub(crate) context: Vec<(String, String)>,
}

/// Members of an event that are condition keys. AWS document: IAM User Guide, "AWS global condition context keys".
const KEYS: [(&str, &str); 10] = [
    ("aws:SourceIp", "/sourceIPAddress"),
    ("aws:UserAgent", "/userAgent"),
    ("aws:RequestedRegion", "/awsRegion"),
    ("aws:CurrentTime", "/eventTime"),
    ("aws:EpochTime", "/eventTime"),
    (
        "aws:TokenIssueTime",
        "/userIdentity/sessionContext/attributes/creationDate",
    ),
    (
        "aws:MultiFactorAuthPresent",
        "/userIdentity/sessionContext/attributes/mfaAuthenticated",
    ),
    (
        "aws:SourceIdentity",
        "/userIdentity/sessionContext/sourceIdentity",
    ),
    ("sts:RoleSessionName", "/requestParameters/roleSessionName"),
    ("sts:ExternalId", "/requestParameters/externalId"),
];

impl Asked {
    /// From the record of a call.
    pub(crate) fn of(event: &Value) -> Result<Self, Failure> {
        let member = |pointer: &str| text(event, pointer);
        let identity = "/userIdentity/sessionContext/sessionIssuer";
        let principal = member("/userIdentity/arn").ok_or_else(|| {
            Failure::Refused(
                "this record names no principal: explain the record of the caller's own account, \
                 or name one with --principal"
                    .into(),
            )
        })?;
        let (action, resource) = match member("/errorMessage").as_deref().and_then(refused) {
            Some((action, resource)) => (action.to_owned(), resource.map(str::to_owned)),
            None => (named(event)?, member("/resources/0/ARN")),
        };
        Ok(Self {
            principal,
            issuer: member(&format!("{identity}/arn")),
            id: member(&format!("{identity}/principalId"))
                .or_else(|| member("/userIdentity/principalId")),
            access_key_id: member("/userIdentity/accessKeyId"),
            at: member("/eventTime"),
            context: context(event, &action),
            action,
            resource: resource.filter(|arn| arn != "*"),
        })
    }
}

fn text(event: &Value, pointer: &str) -> Option<String> {
    event
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(str::to_owned)
}

/// The action and the resource of AWS's words for a denial.
fn refused(message: &str) -> Option<(&str, Option<&str>)> {
    let (_, refused) = message.split_once(" is not authorized to perform: ")?;
    let (action, rest) = refused.split_once(' ').unwrap_or((refused, ""));
    let resource = rest.strip_prefix("on resource: ").map(before_reason);
    Some((action, resource))
}

/// What stands before the reason of a denial: an ARN, or what IAM calls its entities, as `user ann`.
fn before_reason(text: &str) -> &str {
    let reasons = [" because ", " with an explicit deny"];
    let ends = reasons.iter().filter_map(|reason| text.find(reason));
    let end = ends.min().unwrap_or(text.len());
    text.get(..end).unwrap_or(text)
}

/// The operation's own name, where no denial names an action.
fn named(event: &Value) -> Result<String, Failure> {
    let parts = (text(event, "/eventSource"), text(event, "/eventName"));
    let (Some(source), Some(name)) = parts else {
        return Err(Failure::Refused("this record names no operation".into()));
    };
    let service = source.split('.').next().unwrap_or_default();
    Ok(format!("{service}:{name}"))
}

fn context(event: &Value, action: &str) -> Vec<(String, String)> {
    let plain = KEYS
        .into_iter()
        .filter_map(|(key, pointer)| Some((key.to_owned(), text(event, pointer)?)));
    let mut context: Vec<_> = plain.collect();
    let tls = event.pointer("/tlsDetails").is_some();
    context.push(("aws:SecureTransport".to_owned(), tls.to_string()));
    add_of_network(&mut context, event);
    let parameters = event.pointer("/requestParameters");
    if let Some(parameters) = parameters {
        add_tags(&mut context, parameters);
        if action.starts_with("kms:") {
            add_of_kms(&mut context, parameters);
        }
    }
    context
}

/// A call through a VPC endpoint, and one that a service made on the caller's behalf, have other keys than `aws:SourceIp`.
fn add_of_network(context: &mut Vec<(String, String)>, event: &Value) {
    let endpoint = text(event, "/vpcEndpointId");
    let invoked_by = text(event, "/userIdentity/invokedBy");
    if let Some(id) = endpoint {
        for (key, _) in &mut *context {
            if key == "aws:SourceIp" {
                *key = "aws:VpcSourceIp".to_owned();
            }
        }
        context.push(("aws:SourceVpce".to_owned(), id));
    }
    let Some(service) = invoked_by else {
        return;
    };
    // The record names the service in their place.
    context.retain(|(key, _)| key != "aws:SourceIp" && key != "aws:UserAgent");
    context.push(("aws:ViaAWSService".to_owned(), "true".to_owned()));
    for key in ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"] {
        context.push((key.to_owned(), service.clone()));
    }
    let region = text(event, "/awsRegion");
    if let (Some((name, domain)), Some(region)) = (service.split_once('.'), region) {
        let endpoint = format!("{name}.{region}.{domain}");
        context.push(("kms:ViaService".to_owned(), endpoint));
    }
}

fn add_tags(context: &mut Vec<(String, String)>, parameters: &Value) {
    let tags = parameters.get("tags").and_then(Value::as_array);
    for tag in tags.into_iter().flatten() {
        let member = |names: [&str; 2]| names.iter().find_map(|name| tag.get(name)?.as_str());
        if let Some(key) = member(["key", "tagKey"]) {
            let value = member(["value", "tagValue"]).unwrap_or_default();
            context.push((format!("aws:RequestTag/{key}"), value.to_owned()));
            context.push(("aws:TagKeys".to_owned(), key.to_owned()));
        }
    }
}

fn add_of_kms(context: &mut Vec<(String, String)>, parameters: &Value) {
    let pairs = parameters
        .get("encryptionContext")
        .and_then(Value::as_object);
    for (name, value) in pairs.into_iter().flatten() {
        let value = value.as_str().unwrap_or_default().to_owned();
        context.push((format!("kms:EncryptionContext:{name}"), value));
        context.push(("kms:EncryptionContextKeys".to_owned(), name.clone()));
    }
    let mut add = |key: &str, member: &str, wanted: fn(&str) -> Option<&str>| {
        let value = parameters.get(member).and_then(Value::as_str);
        if let Some(value) = value.and_then(wanted) {
            context.push((key.to_owned(), value.to_owned()));
        }
    };
    add("kms:EncryptionAlgorithm", "encryptionAlgorithm", |name| {
        Some(name)
    });
    add("kms:RequestAlias", "keyId", |id| {
        id.find("alias/").and_then(|at| id.get(at..))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_denial_is_read() {
        for (message, expected) in [
            (
                "User: a is not authorized to perform: kms:Encrypt on resource: arn:x because no",
                Some(("kms:Encrypt", Some("arn:x"))),
            ),
            (
                "User: a is not authorized to perform: iam:ListUsers on resource: * with an explicit deny",
                Some(("iam:ListUsers", Some("*"))),
            ),
            (
                "User: a is not authorized to perform: sts:AssumeRole on resource: arn:r",
                Some(("sts:AssumeRole", Some("arn:r"))),
            ),
            (
                "User: a is not authorized to perform: sts:X because no policy",
                Some(("sts:X", None)),
            ),
            (
                "User: a is not authorized to perform: iam:GetUser on resource: user ann because no",
                Some(("iam:GetUser", Some("user ann"))),
            ),
            ("Key is disabled", None),
        ] {
            assert_eq!(refused(message), expected, "{message}");
        }
    }

    #[test]
    fn a_record_tells_who_asked_for_what() {
        let event = json!({
            "eventTime": "2026-11-23T06:38:13Z",
            "eventSource": "kms.amazonaws.com",
            "eventName": "Encrypt",
            "awsRegion": "us-east-1",
            "sourceIPAddress": "10.0.0.1",
            "userIdentity": {
                "arn": "arn:aws:sts::111122223333:assumed-role/dev/one",
                "principalId": "AROA1:one",
                "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/dev", "principalId": "AROA1"}},
            },
            "requestParameters": {
                "keyId": "alias/letters",
                "encryptionContext": {"App": "x"},
                "tags": [{"tagKey": "Team", "tagValue": "red"}],
            },
            "resources": [{"ARN": "arn:aws:kms:us-east-1:111122223333:key/1"}],
        });
        let asked = Asked::of(&event).unwrap();
        assert_eq!(
            asked.principal,
            "arn:aws:sts::111122223333:assumed-role/dev/one"
        );
        assert_eq!(asked.id.as_deref(), Some("AROA1"));
        assert_eq!(asked.action, "kms:Encrypt");
        assert_eq!(
            asked.resource.as_deref(),
            Some("arn:aws:kms:us-east-1:111122223333:key/1")
        );
        for (key, value) in [
            ("aws:SourceIp", "10.0.0.1"),
            ("aws:CurrentTime", "2026-11-23T06:38:13Z"),
            ("aws:SecureTransport", "false"),
            ("aws:RequestTag/Team", "red"),
            ("kms:EncryptionContext:App", "x"),
            ("kms:RequestAlias", "alias/letters"),
        ] {
            let pair = (key.to_owned(), value.to_owned());
            assert!(asked.context.contains(&pair), "{key}");
        }
        let of_owner = json!({"userIdentity": {"type": "AWSAccount"}});
        let refused = Asked::of(&of_owner).unwrap_err().to_string();
        assert!(refused.contains("names no principal"), "{refused}");
    }
}
