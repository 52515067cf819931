//! An instance profile: the shell that hands a role to a machine.

use base::{AccountId, Arn, Tags, Timestamp};
use policy::{Resource, ResourcePolicy};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// An instance profile. It holds at most one role.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceProfile {
    /// As given at creation; unique in the account without regard to case.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `AIPA…`
    pub id: String,
    /// `arn:aws:iam::ACCOUNT:instance-profile/path/name`
    pub arn: Arn,
    /// The account it belongs to.
    pub account: AccountId,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags.
    pub tags: Tags,
    /// Name of its role.
    pub role: Option<String>,
}

impl InstanceProfile {
    /// Where the instance profile of this name lies.
    pub fn key_of(account: AccountId, name: &str) -> Key {
        Self::prefix(account).then_in_lower_case(name)
    }
    /// What the keys of an account's instance profiles begin with.
    pub fn prefix(account: AccountId) -> Key {
        Key::root().then(account.as_str())
    }
    /// The ARN an instance profile of this path and name has.
    pub fn arn_of(account: AccountId, path: &str, name: &str) -> Arn {
        let resource = format_args!("instance-profile{path}{name}");
        Arn::new("iam", "", account.as_str(), resource)
    }
}

impl Resource for InstanceProfile {
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
    role: Option<String>,
}

impl Record for InstanceProfile {
    const TABLE: &'static str = "identity.instance_profile";
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
            role: self.role.clone(),
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
            role: form.role,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let account = AccountId::from_number(1);
        let profile = InstanceProfile {
            name: "Web".into(),
            path: "/".into(),
            id: "AIPA1".into(),
            arn: InstanceProfile::arn_of(account, "/", "Web"),
            account,
            created: Timestamp::from_seconds(1),
            tags: Tags::default(),
            role: Some("Ops".into()),
        };
        let stored = b"\x01{\"name\":\"Web\",\"path\":\"/\",\"id\":\"AIPA1\",\"account\":\"000000000001\",\"created\":1000000,\"tags\":[],\"role\":\"Ops\"}";
        assert_eq!(profile.store(), stored);
        assert_eq!(InstanceProfile::load(stored).unwrap(), profile);
    }
}
