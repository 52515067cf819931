//! What the tag policies of an organization demand of the tags in an account.
//!
//! AWS document: AWS Organizations User Guide, "Understanding enforcement" of tag policies.

use super::{EffectivePolicy, ManagementKind};

/// The demands of an effective tag policy that are enforced.
#[derive(Debug, Default)]
pub struct TagRules {
    rules: Vec<TagRule>,
}

#[derive(Debug)]
struct TagRule {
    /// The tag's key, in lower case.
    compared: String,
    /// As it must be written.
    key: String,
    /// Values it may have; none: any.
    values: Option<Vec<String>>,
    /// Which resources it must be right on: `SERVICE:TYPE` or `SERVICE:*`.
    enforced_for: Vec<String>,
}

impl TagRules {
    /// What is enforced of a policy.
    pub fn of(policy: &EffectivePolicy) -> Self {
        let texts = |value: &super::value::Value| value.texts().map(str::to_owned).collect();
        let rules = policy.groups().filter_map(|(compared, _, settings)| {
            let enforced_for: Vec<String> = settings.value("enforced_for").map(texts)?;
            let key = settings.value("tag_key").and_then(|key| key.texts().next());
            Some(TagRule {
                compared: compared.to_owned(),
                // AWS: a key whose case is not defined is in lower case.
                key: key.map_or_else(|| compared.to_owned(), str::to_owned),
                values: settings.value("tag_value").map(texts),
                enforced_for,
            })
        });
        Self {
            rules: rules.collect(),
        }
    }
    /// The kind of policy that it comes from.
    pub const KIND: ManagementKind = ManagementKind::Tag;

    /// Whether nothing is demanded.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether a tag may be put on a resource of this service and type.
    pub fn allow(&self, (service, kind): (&str, &str), key: &str, value: &str) -> bool {
        let about = |rule: &&TagRule| rule.compared == key.to_lowercase();
        let mut rules = self.rules.iter().filter(about);
        rules.all(|rule| !rule.is_for(service, kind) || (rule.key == key && rule.takes(value)))
    }
}

impl TagRule {
    fn is_for(&self, service: &str, kind: &str) -> bool {
        self.enforced_for.iter().any(|named| {
            let parts = named.split_once(':');
            parts.is_some_and(|parts| parts.0 == service && (parts.1 == "*" || parts.1 == kind))
        })
    }
    fn takes(&self, value: &str) -> bool {
        let mut values = self.values.iter().flatten();
        self.values.is_none() || values.any(|pattern| fits(pattern, value))
    }
}

/// A pattern has one wildcard at most.
fn fits(pattern: &str, value: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == value,
        Some((before, after)) => {
            value.len() >= before.len() + after.len()
                && value.starts_with(before)
                && value.ends_with(after)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::ManagementDocument;

    fn rules(document: &str) -> TagRules {
        let document = ManagementDocument::parse(TagRules::KIND, document).unwrap();
        TagRules::of(&EffectivePolicy::of(TagRules::KIND, &[vec![&document]]))
    }

    #[test]
    fn what_is_enforced() {
        let rules = rules(
            r#"{"tags":{
                "costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["100","2*0"]},
                              "enforced_for":{"@@assign":["secretsmanager:*","kms:key"]}},
                "owner":{"enforced_for":{"@@assign":["kms:key"]}},
                "free":{"tag_value":{"@@assign":["x"]}}}}"#,
        );
        for (resource, key, value, allowed) in [
            (("kms", "key"), "CostCenter", "100", true),
            (("kms", "key"), "CostCenter", "250", true),
            (("kms", "key"), "CostCenter", "20", true),
            (("kms", "key"), "CostCenter", "2", false),
            (("kms", "key"), "CostCenter", "0", false),
            (("kms", "key"), "costcenter", "100", false),
            (("kms", "alias"), "costcenter", "7", true),
            (("secretsmanager", "secret"), "CostCenter", "7", false),
            (("s3", "bucket"), "CostCenter", "7", true),
            (("kms", "key"), "owner", "anyone", true),
            (("kms", "key"), "Owner", "anyone", false),
            (("kms", "key"), "free", "y", true),
            (("kms", "key"), "other", "y", true),
        ] {
            let found = rules.allow(resource, key, value);
            assert_eq!(found, allowed, "{resource:?} {key}={value}");
        }
    }

    #[test]
    fn nothing_is_enforced_unless_asked_for() {
        assert!(rules(r#"{"tags":{"a":{"tag_value":{"@@assign":["x"]}}}}"#).is_empty());
    }
}
