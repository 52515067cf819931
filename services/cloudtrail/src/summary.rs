//! What an event is looked up by.

use cloudtrail_api::shapes::{LookupAttribute, LookupAttributeKey, Resource};
use serde_json::Value;

/// An event as recorded.
pub(crate) struct Summary<'a>(pub(crate) &'a Value);

impl<'a> Summary<'a> {
    fn text(&self, pointer: &str) -> Option<&'a str> {
        self.0.pointer(pointer)?.as_str()
    }

    pub(crate) fn id(&self) -> Option<&'a str> {
        self.text("/eventID")
    }
    pub(crate) fn name(&self) -> Option<&'a str> {
        self.text("/eventName")
    }
    pub(crate) fn source(&self) -> Option<&'a str> {
        self.text("/eventSource")
    }
    pub(crate) fn access_key_id(&self) -> Option<&'a str> {
        self.text("/userIdentity/accessKeyId")
    }

    /// Whether the event manages resources, rather than uses what is in them. AWS document: CloudTrail API Reference,
    /// "LookupEvents": data events are not looked up.
    pub(crate) fn is_management(&self) -> bool {
        self.0.pointer("/managementEvent") == Some(&Value::Bool(true))
    }

    /// `true` or `false`.
    pub(crate) fn read_only(&self) -> &'static str {
        match self.0.pointer("/readOnly") {
            Some(Value::Bool(true)) => "true",
            _ => "false",
        }
    }

    /// The user's name, the session's, or `root`; none for callers of other accounts and for services.
    pub(crate) fn username(&self) -> Option<&'a str> {
        match self.text("/userIdentity/type")? {
            "Root" => Some("root"),
            "IAMUser" => self.text("/userIdentity/userName"),
            "AssumedRole" | "FederatedUser" => {
                let id = self.text("/userIdentity/principalId")?;
                id.split_once(':').map(|(_, name)| name)
            }
            _ => None,
        }
    }

    /// Each resource by its ARN, those of IAM by their name too.
    pub(crate) fn resources(&self) -> Vec<Resource> {
        let listed = self.0.pointer("/resources").and_then(Value::as_array);
        let mut resources = Vec::new();
        for resource in listed.into_iter().flatten() {
            let kind = resource.get("type").and_then(Value::as_str);
            let arn = resource
                .get("ARN")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let name = arn
                .starts_with("arn:aws:iam:")
                .then(|| arn.rsplit_once('/'))
                .flatten()
                .map(|(_, name)| name);
            resources.extend(
                [Some(arn), name]
                    .into_iter()
                    .flatten()
                    .map(|name| Resource {
                        resource_type: kind.map(str::to_owned),
                        resource_name: Some(name.to_owned()),
                    }),
            );
        }
        resources
    }

    /// Whether the event has this attribute.
    pub(crate) fn has(&self, attribute: &LookupAttribute) -> bool {
        let wanted = Some(attribute.attribute_value.as_str());
        let resource = |part: fn(&Resource) -> &Option<String>| {
            self.resources()
                .iter()
                .any(|resource| part(resource).as_deref() == wanted)
        };
        match attribute.attribute_key {
            LookupAttributeKey::EventId => self.id() == wanted,
            LookupAttributeKey::EventName => self.name() == wanted,
            LookupAttributeKey::ReadOnly => Some(self.read_only()) == wanted,
            LookupAttributeKey::Username => self.username() == wanted,
            LookupAttributeKey::ResourceType => resource(|resource| &resource.resource_type),
            LookupAttributeKey::ResourceName => resource(|resource| &resource.resource_name),
            LookupAttributeKey::EventSource => self.source() == wanted,
            LookupAttributeKey::AccessKeyId => self.access_key_id() == wanted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_it_was() {
        for (identity, name) in [
            (json!({"type": "Root", "principalId": "1"}), Some("root")),
            (
                json!({"type": "IAMUser", "userName": "ann", "principalId": "AIDA1"}),
                Some("ann"),
            ),
            (
                json!({"type": "AssumedRole", "principalId": "AROA1:night"}),
                Some("night"),
            ),
            (
                json!({"type": "FederatedUser", "principalId": "1:bob"}),
                Some("bob"),
            ),
            (json!({"type": "AWSAccount", "principalId": "AIDA1"}), None),
            (json!({"invokedBy": "AWS Internal"}), None),
        ] {
            let event = json!({"userIdentity": identity});
            assert_eq!(Summary(&event).username(), name, "{event}");
        }
    }

    #[test]
    fn what_it_was_done_to() {
        let event = json!({"resources": [
            {"type": "AWS::IAM::User", "ARN": "arn:aws:iam::1:user/team/ann"},
            {"type": "AWS::KMS::Key", "ARN": "arn:aws:kms:eu-west-1:1:key/7"},
            {"type": "AWS::IAM::Account", "ARN": "arn:aws:iam::1:root"},
        ]});
        let names = Summary(&event).resources();
        let names: Vec<_> = names
            .iter()
            .flat_map(|resource| &resource.resource_name)
            .collect();
        let (user, key) = (
            "arn:aws:iam::1:user/team/ann",
            "arn:aws:kms:eu-west-1:1:key/7",
        );
        assert_eq!(names, [user, "ann", key, "arn:aws:iam::1:root"]);
    }
}
