//! A managed policy with its versions.

use base::{AccountId, Arn, Tags, Timestamp};
use policy::{Grammar, Resource, ResourcePolicy};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::Document;
use crate::stored::{bad, read_v1, write_v1};

/// One version of a managed policy.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyVersion {
    /// 1 for `v1`; never used twice in one policy.
    pub number: u32,
    /// What it says.
    pub document: Document,
    /// When it was made.
    pub created: Timestamp,
}

/// A managed policy: of a customer, or AWS's own.
#[derive(Clone, Debug, PartialEq)]
pub struct ManagedPolicy {
    /// Unique in the account without regard to case.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `ANPA…`
    pub id: String,
    /// `arn:aws:iam::ACCOUNT:policy/path/name`, or with `aws` for the account.
    pub arn: Arn,
    /// `None` for AWS's own.
    pub account: Option<AccountId>,
    /// When it was made.
    pub created: Timestamp,
    /// When a version was last made or made the default.
    pub updated: Timestamp,
    /// What it is for; fixed at creation.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// Up to five versions, oldest first.
    pub versions: Vec<PolicyVersion>,
    /// Number of the version in force.
    pub default_version: u32,
    /// Number of the next version.
    pub next_version: u32,
}

impl ManagedPolicy {
    /// Where the policy of this name lies.
    pub fn key_of(account: AccountId, name: &str) -> Key {
        Self::prefix(account).then_in_lower_case(name)
    }
    /// What the keys of an account's policies begin with.
    pub fn prefix(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }
    /// Where the customer-managed policy of this ARN lies; `None` for what is no such ARN.
    pub fn key_of_arn(arn: &str) -> Option<Key> {
        let (account, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":policy/")?;
        let name = path.rsplit('/').next()?;
        Some(Self::key_of(account.parse().ok()?, name))
    }
    /// The ARN a policy of this path and name has.
    pub fn arn_of(account: AccountId, path: &str, name: &str) -> Arn {
        let resource = format_args!("policy{path}{name}");
        Arn::new("iam", "", account.as_str(), resource)
    }
    /// The version of this number.
    pub fn version(&self, number: u32) -> Option<&PolicyVersion> {
        self.versions
            .iter()
            .find(|version| version.number == number)
    }
    /// The version in force.
    pub fn default(&self) -> Option<&PolicyVersion> {
        self.version(self.default_version)
    }
}

impl Resource for ManagedPolicy {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account.unwrap_or(AccountId::from_number(0))
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        ResourcePolicy::None
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
    updated: i64,
    description: Option<String>,
    tags: Tags,
    versions: Vec<StoredVersionV1>,
    default_version: u32,
    next_version: u32,
}

#[derive(Serialize, Deserialize)]
struct StoredVersionV1 {
    number: u32,
    document: String,
    created: i64,
}

impl StoredVersionV1 {
    fn of(version: &PolicyVersion) -> Self {
        Self {
            number: version.number,
            document: version.document.text().to_owned(),
            created: version.created.micros(),
        }
    }
    fn version(self) -> Result<PolicyVersion, Unreadable> {
        let document = Document::parse(&self.document, Grammar::Identity);
        Ok(PolicyVersion {
            number: self.number,
            document: document.map_err(|_| bad(ManagedPolicy::TABLE, "document"))?,
            created: Timestamp::from_micros(self.created),
        })
    }
}

impl Record for ManagedPolicy {
    const TABLE: &'static str = "identity.managed_policy";
    fn key(&self) -> Key {
        Self::key_of(self.account(), &self.name)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            name: self.name.clone(),
            path: self.path.clone(),
            id: self.id.clone(),
            account: self.account().to_string(),
            created: self.created.micros(),
            updated: self.updated.micros(),
            description: self.description.clone(),
            tags: self.tags.clone(),
            versions: self.versions.iter().map(StoredVersionV1::of).collect(),
            default_version: self.default_version,
            next_version: self.next_version,
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        let account = account.map_err(|_| bad(Self::TABLE, "account"))?;
        let versions = form.versions.into_iter().map(StoredVersionV1::version);
        Ok(Self {
            arn: Self::arn_of(account, &form.path, &form.name),
            name: form.name,
            path: form.path,
            id: form.id,
            account: Some(account),
            created: Timestamp::from_micros(form.created),
            updated: Timestamp::from_micros(form.updated),
            description: form.description,
            tags: form.tags,
            versions: versions.collect::<Result<_, _>>()?,
            default_version: form.default_version,
            next_version: form.next_version,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let account = AccountId::from_number(1);
        let text = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let text = &text.replace(
            "[]",
            r#"[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]"#,
        );
        let policy = ManagedPolicy {
            name: "P".into(),
            path: "/x/".into(),
            id: "ANPA1".into(),
            arn: ManagedPolicy::arn_of(account, "/x/", "P"),
            account: Some(account),
            created: Timestamp::from_seconds(1),
            updated: Timestamp::from_seconds(2),
            description: None,
            tags: Tags::default(),
            versions: vec![PolicyVersion {
                number: 1,
                document: Document::parse(text, Grammar::Identity).unwrap(),
                created: Timestamp::from_seconds(1),
            }],
            default_version: 1,
            next_version: 2,
        };
        let escaped = text.replace('"', "\\\"");
        let stored = format!(
            "\x01{{\"name\":\"P\",\"path\":\"/x/\",\"id\":\"ANPA1\",\"account\":\"000000000001\",\"created\":1000000,\"updated\":2000000,\"description\":null,\"tags\":[],\"versions\":[{{\"number\":1,\"document\":\"{escaped}\",\"created\":1000000}}],\"default_version\":1,\"next_version\":2}}"
        );
        assert_eq!(String::from_utf8(policy.store()).unwrap(), stored);
        assert_eq!(ManagedPolicy::load(stored.as_bytes()).unwrap(), policy);
        let key = ManagedPolicy::key_of_arn("arn:aws:iam::000000000001:policy/x/P");
        assert_eq!(key, Some(policy.key()));
        assert_eq!(ManagedPolicy::key_of_arn("arn:aws:iam::aws:policy/P"), None);
    }
}
