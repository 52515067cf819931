//! A policy of an organization.

use std::sync::{Arc, LazyLock};

use base::{Arn, Tags, Timestamp};
use policy::Grammar;
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use super::{Content, PolicyKind};
use crate::Document;
use crate::stored::{bad, read_v1, write_v1};

/// A policy, of whichever kind.
#[derive(Clone, Debug, PartialEq)]
pub struct OrganizationPolicy {
    /// `p-` and eight letters or digits; AWS's own have a name behind the `p-`.
    pub id: String,
    /// See `Organization::policy_arn`; AWS's own have `aws` for the account and name no organization.
    pub arn: Arn,
    /// Id of the organization; empty for AWS's own.
    pub organization: String,
    /// What it is for.
    pub kind: PolicyKind,
    /// Unique in the organization among policies of its kind.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// What it says.
    pub content: Content,
    /// When it was made or changed last; not known of AWS's own, and of those kept before this was.
    pub changed: Option<Timestamp>,
    /// Its tags.
    pub tags: Tags,
}

impl OrganizationPolicy {
    /// Where the policy of this id lies. AWS's own are no rows: see `aws_managed`.
    pub fn key_of(organization: &str, id: &str) -> Key {
        Self::prefix(organization).then(id)
    }
    /// What the keys of an organization's policies begin with.
    pub fn prefix(organization: &str) -> Key {
        Key::root().then(organization)
    }
    /// AWS's own policy of this id: `p-FullAWSAccess` or `p-RCPFullAWSAccess`.
    pub fn aws_managed(id: &str) -> Option<Arc<Self>> {
        let known = AWS_MANAGED.iter().flatten();
        known.into_iter().find(|policy| policy.id == id).cloned()
    }
    /// Whether it is AWS's own, which nobody changes.
    pub fn is_aws_managed(&self) -> bool {
        self.organization.is_empty()
    }
}

static AWS_MANAGED: LazyLock<[Option<Arc<OrganizationPolicy>>; 2]> = LazyLock::new(|| {
    [
        aws_managed(
            PolicyKind::ServiceControl,
            "FullAWSAccess",
            "Allows access to every operation",
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
            Grammar::ServiceControl,
        ),
        aws_managed(
            PolicyKind::ResourceControl,
            "RCPFullAWSAccess",
            "Allows access to every resource",
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
            // AWS: of all resource control policies this one alone may allow.
            Grammar::Resource,
        ),
    ]
});

fn aws_managed(
    kind: PolicyKind,
    name: &str,
    description: &str,
    document: &str,
    grammar: Grammar,
) -> Option<Arc<OrganizationPolicy>> {
    let id = format!("p-{name}");
    let resource = format_args!("policy/{}/{id}", kind.path());
    Some(Arc::new(OrganizationPolicy {
        arn: Arn::new("organizations", "", "aws", resource),
        id,
        organization: String::new(),
        kind,
        name: name.to_owned(),
        description: description.to_owned(),
        content: Content::Control(Document::parse(document, grammar).ok()?),
        changed: None,
        tags: Tags::default(),
    }))
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    id: String,
    arn: String,
    organization: String,
    kind: String,
    name: String,
    description: String,
    document: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changed: Option<i64>,
    tags: Tags,
}

impl Record for OrganizationPolicy {
    const TABLE: &'static str = "organization.policy";
    fn key(&self) -> Key {
        Self::key_of(&self.organization, &self.id)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            id: self.id.clone(),
            arn: self.arn.as_str().to_owned(),
            organization: self.organization.clone(),
            kind: self.kind.name().to_owned(),
            name: self.name.clone(),
            description: self.description.clone(),
            document: self.content.text().to_owned(),
            changed: self.changed.map(Timestamp::micros),
            tags: self.tags.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let bad = |field| bad(Self::TABLE, field);
        let kind = PolicyKind::parse(&form.kind).ok_or_else(|| bad("kind"))?;
        let content = Content::parse(kind, &form.document);
        Ok(Self {
            id: form.id,
            arn: form.arn.parse().map_err(|_| bad("arn"))?,
            organization: form.organization,
            kind,
            name: form.name,
            description: form.description,
            content: content.map_err(|_| bad("document"))?,
            changed: form.changed.map(Timestamp::from_micros),
            tags: form.tags,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*"}}"#;
        let arn = "arn:aws:organizations::000000000001:policy/o-abcdefghij/resource_control_policy/p-12345678";
        let policy = OrganizationPolicy {
            id: "p-12345678".into(),
            arn: arn.parse().unwrap(),
            organization: "o-abcdefghij".into(),
            kind: PolicyKind::ResourceControl,
            name: "no keys".into(),
            description: String::new(),
            content: Content::parse(PolicyKind::ResourceControl, text).unwrap(),
            changed: None,
            tags: Tags::default(),
        };
        let escaped = text.replace('"', "\\\"");
        let stored = format!(
            "\x01{{\"id\":\"p-12345678\",\"arn\":\"{arn}\",\"organization\":\"o-abcdefghij\",\"kind\":\"RESOURCE_CONTROL_POLICY\",\"name\":\"no keys\",\"description\":\"\",\"document\":\"{escaped}\",\"tags\":[]}}"
        );
        assert_eq!(String::from_utf8(policy.store()).unwrap(), stored);
        let loaded = OrganizationPolicy::load(stored.as_bytes()).unwrap();
        assert_eq!(loaded, policy);
        let other_kind = stored.replace("RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY");
        assert!(OrganizationPolicy::load(other_kind.as_bytes()).is_err());
        let changed = OrganizationPolicy {
            changed: Some(Timestamp::from_seconds(1)),
            ..policy
        };
        assert_eq!(OrganizationPolicy::load(&changed.store()).unwrap(), changed);
    }

    #[test]
    fn aws_has_its_own() {
        for kind in PolicyKind::CONTROL {
            let id = kind.full_access().unwrap();
            let policy = OrganizationPolicy::aws_managed(id).unwrap();
            assert_eq!((policy.kind, &*policy.id), (kind, id));
            assert!(policy.is_aws_managed());
        }
        let policy = OrganizationPolicy::aws_managed("p-FullAWSAccess").unwrap();
        let arn = "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess";
        assert_eq!(policy.arn.as_str(), arn);
        assert!(OrganizationPolicy::aws_managed("p-12345678").is_none());
    }
}
