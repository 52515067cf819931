//! Which entities a managed policy is attached to: the other side of `attached` and `boundary`.

use base::AccountId;
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// What a policy may be attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntityKind {
    /// A user.
    User,
    /// A group.
    Group,
    /// A role.
    Role,
}

impl EntityKind {
    fn text(self) -> &'static str {
        match self {
            EntityKind::User => "User",
            EntityKind::Group => "Group",
            EntityKind::Role => "Role",
        }
    }
}

/// One attachment.
#[derive(Clone, Debug, PartialEq)]
pub struct Attachment {
    /// Account of the entity.
    pub account: AccountId,
    /// ARN of the managed policy.
    pub policy: String,
    /// Whether it bounds the entity's permissions rather than grants them.
    pub boundary: bool,
    /// Kind of entity.
    pub kind: EntityKind,
    /// Name of the entity.
    pub name: String,
}

impl Attachment {
    /// What the keys of a policy's attachments in an account begin with.
    pub fn prefix(account: AccountId, policy: &str, boundary: bool) -> Key {
        let usage = if boundary { "boundary" } else { "permissions" };
        let account = Key::root().then(account.as_str());
        account.then(policy).then(usage)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    policy: String,
    boundary: bool,
    kind: String,
    name: String,
}

impl Record for Attachment {
    const TABLE: &'static str = "identity.attachment";
    fn key(&self) -> Key {
        let prefix = Self::prefix(self.account, &self.policy, self.boundary);
        let name = self.name.to_ascii_lowercase();
        prefix.then(self.kind.text()).then(&name)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            account: self.account.to_string(),
            policy: self.policy.clone(),
            boundary: self.boundary,
            kind: self.kind.text().to_owned(),
            name: self.name.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        Ok(Self {
            account: account.map_err(|_| bad(Self::TABLE, "account"))?,
            policy: form.policy,
            boundary: form.boundary,
            kind: match form.kind.as_str() {
                "User" => EntityKind::User,
                "Group" => EntityKind::Group,
                "Role" => EntityKind::Role,
                _ => return Err(bad(Self::TABLE, "kind")),
            },
            name: form.name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let attachment = Attachment {
            account: AccountId::from_number(1),
            policy: "arn:aws:iam::aws:policy/ReadOnlyAccess".into(),
            boundary: false,
            kind: EntityKind::Role,
            name: "Ops".into(),
        };
        let stored = b"\x01{\"account\":\"000000000001\",\"policy\":\"arn:aws:iam::aws:policy/ReadOnlyAccess\",\"boundary\":false,\"kind\":\"Role\",\"name\":\"Ops\"}";
        assert_eq!(attachment.store(), stored);
        assert_eq!(Attachment::load(stored).unwrap(), attachment);
    }
}
