//! Which policies are attached to a root, unit or account, and the index the other way.

use base::Timestamp;
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use super::PolicyKind;
use crate::stored::{bad, read_v1, write_v1};

/// The policies of one kind that are attached to one root, unit or account.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyTarget {
    /// Id of the organization.
    pub organization: String,
    /// Id of the root, unit or account.
    pub target: String,
    /// Which kind of policy.
    pub kind: PolicyKind,
    /// Ids of the policies, AWS's own included, in the order in which they were attached.
    pub policies: Vec<String>,
    /// When one was attached or detached last; not known of those kept before this was.
    pub changed: Option<Timestamp>,
}

impl PolicyTarget {
    /// Where the attachments of this kind to this target lie.
    pub fn key_of(organization: &str, target: &str, kind: PolicyKind) -> Key {
        let target = Key::root().then(organization).then(target);
        target.then(kind.name())
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    organization: String,
    target: String,
    kind: String,
    policies: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changed: Option<i64>,
}

impl Record for PolicyTarget {
    const TABLE: &'static str = "organization.policy_target";
    fn key(&self) -> Key {
        Self::key_of(&self.organization, &self.target, self.kind)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredV1 {
            organization: self.organization.clone(),
            target: self.target.clone(),
            kind: self.kind.name().to_owned(),
            policies: self.policies.clone(),
            changed: self.changed.map(Timestamp::micros),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let kind = PolicyKind::parse(&form.kind);
        Ok(Self {
            organization: form.organization,
            target: form.target,
            kind: kind.ok_or_else(|| bad(Self::TABLE, "kind"))?,
            policies: form.policies,
            changed: form.changed.map(Timestamp::from_micros),
        })
    }
}

/// That a policy is attached to a target: the other side of `PolicyTarget::policies`.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyUse {
    /// Id of the organization.
    pub organization: String,
    /// Id of the policy.
    pub policy: String,
    /// Id of the root, unit or account.
    pub target: String,
}

impl PolicyUse {
    /// Where the use of this policy by this target lies.
    pub fn key_of(organization: &str, policy: &str, target: &str) -> Key {
        Self::prefix(organization, policy).then(target)
    }
    /// What the keys of a policy's uses begin with.
    pub fn prefix(organization: &str, policy: &str) -> Key {
        Key::root().then(organization).then(policy)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredUseV1 {
    organization: String,
    policy: String,
    target: String,
}

impl Record for PolicyUse {
    const TABLE: &'static str = "organization.policy_use";
    fn key(&self) -> Key {
        Self::key_of(&self.organization, &self.policy, &self.target)
    }
    fn store(&self) -> Vec<u8> {
        write_v1(&StoredUseV1 {
            organization: self.organization.clone(),
            policy: self.policy.clone(),
            target: self.target.clone(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredUseV1 = read_v1(Self::TABLE, bytes)?;
        Ok(Self {
            organization: form.organization,
            policy: form.policy,
            target: form.target,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let target = PolicyTarget {
            organization: "o-abcdefghij".into(),
            target: "r-abcd".into(),
            kind: PolicyKind::ServiceControl,
            policies: vec!["p-FullAWSAccess".into()],
            changed: None,
        };
        let stored = b"\x01{\"organization\":\"o-abcdefghij\",\"target\":\"r-abcd\",\"kind\":\"SERVICE_CONTROL_POLICY\",\"policies\":[\"p-FullAWSAccess\"]}";
        assert_eq!(target.store(), stored);
        assert_eq!(PolicyTarget::load(stored).unwrap(), target);
        let changed = PolicyTarget {
            changed: Some(Timestamp::from_seconds(1)),
            ..target
        };
        assert_eq!(PolicyTarget::load(&changed.store()).unwrap(), changed);
    }

    #[test]
    fn golden_bytes_of_a_use() {
        let policy_use = PolicyUse {
            organization: "o-abcdefghij".into(),
            policy: "p-12345678".into(),
            target: "r-abcd".into(),
        };
        let stored =
            b"\x01{\"organization\":\"o-abcdefghij\",\"policy\":\"p-12345678\",\"target\":\"r-abcd\"}";
        assert_eq!(policy_use.store(), stored);
        assert_eq!(PolicyUse::load(stored).unwrap(), policy_use);
    }
}
