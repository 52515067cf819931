//! That a role which was linked to a service is gone.

use base::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

/// The last deletion of a service-linked role of this name.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkedRoleDeletion {
    /// Whose role it was.
    pub account: AccountId,
    /// The role's name.
    pub role: String,
    /// `task/aws-service-role/SERVICE/ROLE/UUID`
    pub task: String,
    /// When it was deleted.
    pub at: Timestamp,
}

impl LinkedRoleDeletion {
    /// Where the deletion of a role of this name lies.
    pub fn key_of(account: AccountId, role: &str) -> Key {
        Key::root().then(account.as_str()).then_in_lower_case(role)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    account: String,
    role: String,
    task: String,
    at: i64,
}

impl Record for LinkedRoleDeletion {
    const TABLE: &'static str = "identity.linked_role_deletion";
    const CACHED: bool = false;
    fn key(&self) -> Key {
        Self::key_of(self.account, &self.role)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            account: self.account.to_string(),
            role: self.role.clone(),
            task: self.task.clone(),
            at: self.at.micros(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let account = form.account.parse();
        Ok(Self {
            account: account.map_err(|_| bad(Self::TABLE, "account"))?,
            role: form.role,
            task: form.task,
            at: Timestamp::from_micros(form.at),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let deletion = LinkedRoleDeletion {
            account: AccountId::from_number(1),
            role: "AWSServiceRoleForECS".into(),
            task: "task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/1".into(),
            at: Timestamp::from_seconds(1),
        };
        let stored = b"\x01{\"account\":\"000000000001\",\"role\":\"AWSServiceRoleForECS\",\"task\":\"task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/1\",\"at\":1000000}";
        assert_eq!(deletion.store(), stored);
        assert_eq!(LinkedRoleDeletion::load(stored).unwrap(), deletion);
    }
}
