//! An IAM user.

use std::collections::BTreeMap;

use base::{AccountId, Arn, Tags, Timestamp};
use policy::{Grammar, Resource, ResourcePolicy};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::Document;
use crate::stored::{bad, inline_from, inline_text, read_v1, write_v1};

/// An IAM user.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// As given at creation; unique in the account without regard to case.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `AIDA…`
    pub id: String,
    /// `arn:aws:iam::ACCOUNT:user/path/name`
    pub arn: Arn,
    /// The account it belongs to.
    pub account: AccountId,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags.
    pub tags: Tags,
    /// ARN of the managed policy that bounds its permissions.
    pub boundary: Option<String>,
    /// ARNs of attached managed policies.
    pub attached: Vec<String>,
    /// Inline policies by name.
    pub inline: BTreeMap<String, Document>,
    /// Names of the groups it is in.
    pub groups: Vec<String>,
    /// Ids of its access keys, at most two.
    pub access_keys: Vec<String>,
}

impl User {
    /// Where the user of this name lies.
    pub fn key_of(account: AccountId, name: &str) -> Key {
        Self::prefix(account).then_in_lower_case(name)
    }
    /// What the keys of an account's users begin with.
    pub fn prefix(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }
    /// The ARN a user of this path and name has.
    pub fn arn_of(account: AccountId, path: &str, name: &str) -> Arn {
        Arn::new(
            "iam",
            "",
            account.as_str(),
            format_args!("user{path}{name}"),
        )
    }
}

impl Resource for User {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
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
    tags: Tags,
    boundary: Option<String>,
    attached: Vec<String>,
    inline: BTreeMap<String, String>,
    groups: Vec<String>,
    access_keys: Vec<String>,
}

impl Record for User {
    const TABLE: &'static str = "identity.user";
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
            tags: self.tags.clone(),
            boundary: self.boundary.clone(),
            attached: self.attached.clone(),
            inline: inline_text(&self.inline),
            groups: self.groups.clone(),
            access_keys: self.access_keys.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        let account = account.map_err(|_| bad(Self::TABLE, "account"))?;
        Ok(Self {
            arn: Self::arn_of(account, &form.path, &form.name),
            name: form.name,
            path: form.path,
            id: form.id,
            account,
            created: Timestamp::from_micros(form.created),
            tags: form.tags,
            boundary: form.boundary,
            attached: form.attached,
            inline: inline_from(Self::TABLE, form.inline, Grammar::Identity)?,
            groups: form.groups,
            access_keys: form.access_keys,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let account = AccountId::from_number(1);
        let user = User {
            name: "Ann".into(),
            path: "/a/".into(),
            id: "AIDA1".into(),
            arn: User::arn_of(account, "/a/", "Ann"),
            account,
            created: Timestamp::from_seconds(1),
            tags: [("team", "x")].into_iter().collect(),
            boundary: None,
            attached: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".into()],
            inline: BTreeMap::new(),
            groups: vec!["Dev".into()],
            access_keys: vec![],
        };
        let stored = b"\x01{\"name\":\"Ann\",\"path\":\"/a/\",\"id\":\"AIDA1\",\"account\":\"000000000001\",\"created\":1000000,\"tags\":[{\"key\":\"team\",\"value\":\"x\"}],\"boundary\":null,\"attached\":[\"arn:aws:iam::aws:policy/ReadOnlyAccess\"],\"inline\":{},\"groups\":[\"Dev\"],\"access_keys\":[]}";
        assert_eq!(user.store(), stored);
        assert_eq!(User::load(stored).unwrap(), user);
        assert_eq!(user.arn.as_str(), "arn:aws:iam::000000000001:user/a/Ann");
    }

    #[test]
    fn names_compare_without_case() {
        let account = AccountId::from_number(1);
        assert_eq!(User::key_of(account, "ANN"), User::key_of(account, "ann"));
    }
}
