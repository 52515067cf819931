//! An IAM group and its members.

use std::collections::BTreeMap;

use base::{AccountId, Arn, Timestamp};
use policy::Grammar;
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::Document;
use crate::stored::{bad, inline_from, inline_text, read_v1, write_v1};

/// An IAM group.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// As given at creation; unique in the account without regard to case.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `AGPA…`
    pub id: String,
    /// `arn:aws:iam::ACCOUNT:group/path/name`
    pub arn: Arn,
    /// The account it belongs to.
    pub account: AccountId,
    /// When it was made.
    pub created: Timestamp,
    /// ARNs of attached managed policies.
    pub attached: Vec<String>,
    /// Inline policies by name.
    pub inline: BTreeMap<String, Document>,
}

impl Group {
    /// Where the group of this name lies.
    pub fn key_of(account: AccountId, name: &str) -> Key {
        Self::prefix(account).then_in_lower_case(name)
    }
    /// What the keys of an account's groups begin with.
    pub fn prefix(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }
    /// The ARN a group of this path and name has.
    pub fn arn_of(account: AccountId, path: &str, name: &str) -> Arn {
        let resource = format_args!("group{path}{name}");
        Arn::new("iam", "", account.as_str(), resource)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    name: String,
    path: String,
    id: String,
    account: String,
    created: i64,
    attached: Vec<String>,
    inline: BTreeMap<String, String>,
}

impl Record for Group {
    const TABLE: &'static str = "identity.group";
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
            attached: self.attached.clone(),
            inline: inline_text(&self.inline),
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
            attached: form.attached,
            inline: inline_from(Self::TABLE, form.inline, Grammar::Identity)?,
        })
    }
}

/// That a user is in a group. The user's record names its groups too.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupMember {
    /// The account of both.
    pub account: AccountId,
    /// The group's name.
    pub group: String,
    /// The user's name.
    pub user: String,
}

impl GroupMember {
    /// What the keys of a group's members begin with.
    pub fn prefix(account: AccountId, group: &str) -> Key {
        let account = Key::root().then(account.as_str());
        account.then_in_lower_case(group)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredMemberV1 {
    account: String,
    group: String,
    user: String,
}

impl Record for GroupMember {
    const TABLE: &'static str = "identity.group_member";
    fn key(&self) -> Key {
        Self::prefix(self.account, &self.group).then_in_lower_case(&self.user)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredMemberV1 {
            account: self.account.to_string(),
            group: self.group.clone(),
            user: self.user.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredMemberV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        Ok(Self {
            account: account.map_err(|_| bad(Self::TABLE, "account"))?,
            group: form.group,
            user: form.user,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let account = AccountId::from_number(1);
        let group = Group {
            name: "Dev".into(),
            path: "/".into(),
            id: "AGPA1".into(),
            arn: Group::arn_of(account, "/", "Dev"),
            account,
            created: Timestamp::from_seconds(1),
            attached: vec![],
            inline: BTreeMap::new(),
        };
        let stored = b"\x01{\"name\":\"Dev\",\"path\":\"/\",\"id\":\"AGPA1\",\"account\":\"000000000001\",\"created\":1000000,\"attached\":[],\"inline\":{}}";
        assert_eq!(group.store(), stored);
        assert_eq!(Group::load(stored).unwrap(), group);
    }

    #[test]
    fn golden_bytes_of_a_member() {
        let member = GroupMember {
            account: AccountId::from_number(1),
            group: "Dev".into(),
            user: "Ann".into(),
        };
        let stored = b"\x01{\"account\":\"000000000001\",\"group\":\"Dev\",\"user\":\"Ann\"}";
        assert_eq!(member.store(), stored);
        assert_eq!(GroupMember::load(stored).unwrap(), member);
    }
}
