//! An IAM role.

use std::collections::BTreeMap;

use base::{AccountId, Arn, Tags, Timestamp};
use policy::{Grammar, Resource, ResourcePolicy};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::Document;
use crate::stored::{bad, inline_from, inline_text, read_v1, write_v1};

/// An IAM role.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// As given at creation; unique in the account without regard to case.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `AROA…`
    pub id: String,
    /// `arn:aws:iam::ACCOUNT:role/path/name`
    pub arn: Arn,
    /// The account it belongs to.
    pub account: AccountId,
    /// When it was made.
    pub created: Timestamp,
    /// What it is for.
    pub description: Option<String>,
    /// Longest session, in seconds: 3,600 to 43,200.
    pub max_session_duration: i32,
    /// Who may assume it.
    pub trust: Document,
    /// Its tags.
    pub tags: Tags,
    /// ARN of the managed policy that bounds its permissions.
    pub boundary: Option<String>,
    /// ARNs of attached managed policies.
    pub attached: Vec<String>,
    /// Inline policies by name.
    pub inline: BTreeMap<String, Document>,
}

impl Role {
    /// What the path of a role begins with that only a service makes and changes.
    /// AWS document: IAM User Guide, "Create a service-linked role".
    pub const LINKED_TO_SERVICE: &'static str = "/aws-service-role/";

    /// The service it is linked to, as `ecs.amazonaws.com`.
    pub fn linked_service(&self) -> Option<&str> {
        let service = self.path.strip_prefix(Self::LINKED_TO_SERVICE)?;
        service.strip_suffix('/')
    }
    /// Where the role of this name lies.
    pub fn key_of(account: AccountId, name: &str) -> Key {
        Self::prefix(account).then_in_lower_case(name)
    }
    /// What the keys of an account's roles begin with.
    pub fn prefix(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }
    /// The ARN a role of this path and name has.
    pub fn arn_of(account: AccountId, path: &str, name: &str) -> Arn {
        Arn::new(
            "iam",
            "",
            account.as_str(),
            format_args!("role{path}{name}"),
        )
    }
}

/// To STS a role is a resource with a policy: its trust policy.
impl Resource for Role {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        ResourcePolicy::Trust(self.trust.policy())
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    name: String,
    path: String,
    id: String,
    account: String,
    created: i64,
    description: Option<String>,
    max_session_duration: i32,
    trust: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    trust_bindings: BTreeMap<String, String>,
    tags: Tags,
    boundary: Option<String>,
    attached: Vec<String>,
    inline: BTreeMap<String, String>,
}

impl Record for Role {
    const TABLE: &'static str = "identity.role";
    fn key(&self) -> Key {
        Self::key_of(self.account, &self.name)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            name: self.name.clone(),
            path: self.path.clone(),
            id: self.id.clone(),
            account: self.account.to_string(),
            created: self.created.micros(),
            description: self.description.clone(),
            max_session_duration: self.max_session_duration,
            trust: self.trust.text().to_owned(),
            trust_bindings: self.trust.bindings().clone(),
            tags: self.tags.clone(),
            boundary: self.boundary.clone(),
            attached: self.attached.clone(),
            inline: inline_text(&self.inline),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        let account = account.map_err(|_| bad(Self::TABLE, "account"))?;
        let trust = Document::parse_bound(&form.trust, Grammar::Trust, form.trust_bindings);
        Ok(Self {
            arn: Self::arn_of(account, &form.path, &form.name),
            name: form.name,
            path: form.path,
            id: form.id,
            account,
            created: Timestamp::from_micros(form.created),
            description: form.description,
            max_session_duration: form.max_session_duration,
            trust: trust.map_err(|_| bad(Self::TABLE, "trust"))?,
            tags: form.tags,
            boundary: form.boundary,
            attached: form.attached,
            inline: inline_from(Self::TABLE, form.inline, Grammar::Identity)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use policy::NamedPrincipal;

    use super::*;

    #[test]
    fn golden_bytes() {
        let account = AccountId::from_number(1);
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;
        let role = Role {
            name: "Ops".into(),
            path: "/".into(),
            id: "AROA1".into(),
            arn: Role::arn_of(account, "/", "Ops"),
            account,
            created: Timestamp::from_seconds(1),
            description: None,
            max_session_duration: 3600,
            trust: Document::parse(trust, Grammar::Trust).unwrap(),
            tags: Tags::default(),
            boundary: None,
            attached: vec![],
            inline: BTreeMap::new(),
        };
        let escaped = trust.replace('"', "\\\"");
        let stored = format!(
            "\x01{{\"name\":\"Ops\",\"path\":\"/\",\"id\":\"AROA1\",\"account\":\"000000000001\",\"created\":1000000,\"description\":null,\"max_session_duration\":3600,\"trust\":\"{escaped}\",\"tags\":[],\"boundary\":null,\"attached\":[],\"inline\":{{}}}}"
        );
        assert_eq!(String::from_utf8(role.store()).unwrap(), stored);
        assert_eq!(Role::load(stored.as_bytes()).unwrap(), role);

        let arn = "arn:aws:iam::000000000001:user/ann";
        let trust = trust.replace('*', arn);
        let bindings = BTreeMap::from([(arn.to_owned(), "AIDA1".to_owned())]);
        let bound = Role {
            trust: Document::parse_bound(&trust, Grammar::Trust, bindings).unwrap(),
            ..role.clone()
        };
        let stored = stored.replace(
            &format!("{escaped}\","),
            &format!(
                "{}\",\"trust_bindings\":{{\"{arn}\":\"AIDA1\"}},",
                trust.replace('"', "\\\"")
            ),
        );
        assert_eq!(String::from_utf8(bound.store()).unwrap(), stored);
        let loaded = Role::load(stored.as_bytes()).unwrap();
        assert_eq!(loaded, bound);
        let named = loaded.trust.policy().principals();
        assert!(named.eq([&NamedPrincipal::Bound {
            arn: arn.into(),
            id: "AIDA1".into()
        }]));
    }
}
