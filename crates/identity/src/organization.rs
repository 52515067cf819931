//! An organization of accounts: its tree, its members, and the policies above them.
//!
//! The Organizations service writes these records; the pipeline reads them for every decision.
//! AWS document: AWS Organizations User Guide, "Terminology and concepts for AWS Organizations".

mod child;
mod content;
mod delegated_administrator;
mod guardrails;
mod management;
mod member;
mod membership;
mod policy;
mod policy_kind;
mod policy_target;
mod root_access;
mod service_access;
mod unit;

use std::collections::BTreeSet;

use base::{AccountId, Arn, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Key, Record, Unreadable};

use crate::stored::{bad, read_v1, write_v1};

pub use child::{Child, ChildKind};
pub use content::{Content, MalformedContent};
pub use delegated_administrator::DelegatedAdministrator;
pub use guardrails::{Guardrails, Levels};
pub use management::{Defect, EffectivePolicy, Inherited, ManagementDocument, ManagementKind};
pub use member::{JoinedMethod, Member, MemberStatus};
pub use membership::Membership;
pub use policy::OrganizationPolicy;
pub use policy_kind::PolicyKind;
pub use policy_target::{PolicyTarget, PolicyUse};
pub use root_access::{RootAccess, RootStanding};
pub use service_access::ServiceAccess;
pub use unit::OrganizationalUnit;

/// What an organization can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeatureSet {
    /// Everything, policies included.
    All,
    /// Bills alone.
    ConsolidatedBilling,
}

impl FeatureSet {
    /// As AWS's API has it: `ALL` or `CONSOLIDATED_BILLING`.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::ConsolidatedBilling => "CONSOLIDATED_BILLING",
        }
    }
    /// The feature set of this name.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::All, Self::ConsolidatedBilling];
        all.into_iter().find(|features| features.name() == name)
    }
}

/// An organization with its root.
#[derive(Clone, Debug, PartialEq)]
pub struct Organization {
    /// `o-` and ten letters or digits.
    pub id: String,
    /// The account that made it, which no policy of the organization limits.
    pub management: AccountId,
    /// Id of its root: `r-` and four letters or digits.
    pub root: String,
    /// What it can do.
    pub features: FeatureSet,
    /// The kinds of policy that are in force.
    pub enabled: BTreeSet<PolicyKind>,
    /// Tags of the root.
    pub root_tags: Tags,
    /// When it was made.
    pub created: Timestamp,
}

impl Organization {
    /// Where the organization of this id lies.
    pub fn key_of(id: &str) -> Key {
        Key::root().then(id)
    }
    /// `arn:aws:organizations::MANAGEMENT:organization/o-…`
    pub fn arn(&self) -> Arn {
        let resource = format_args!("organization/{}", self.id);
        Arn::new("organizations", "", self.management.as_str(), resource)
    }
    /// `arn:aws:organizations::MANAGEMENT:root/o-…/r-…`
    pub fn root_arn(&self) -> Arn {
        self.arn_of("root", &self.root)
    }
    /// `arn:aws:organizations::MANAGEMENT:account/o-…/ACCOUNT`
    pub fn account_arn(&self, account: AccountId) -> Arn {
        self.arn_of("account", account.as_str())
    }
    /// `arn:aws:organizations::MANAGEMENT:ou/o-…/ou-…`
    pub fn unit_arn(&self, unit: &str) -> Arn {
        self.arn_of("ou", unit)
    }
    /// `arn:aws:organizations::MANAGEMENT:policy/o-…/service_control_policy/p-…`
    pub fn policy_arn(&self, kind: PolicyKind, policy: &str) -> Arn {
        let resource = format_args!("policy/{}/{}/{policy}", self.id, kind.path());
        Arn::new("organizations", "", self.management.as_str(), resource)
    }
    fn arn_of(&self, noun: &str, id: &str) -> Arn {
        let resource = format_args!("{noun}/{}/{id}", self.id);
        Arn::new("organizations", "", self.management.as_str(), resource)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredV1 {
    id: String,
    management: String,
    root: String,
    features: String,
    enabled: Vec<String>,
    root_tags: Tags,
    created: i64,
}

impl Record for Organization {
    const TABLE: &'static str = "organization.organization";
    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }
    fn store(&self) -> Vec<u8> {
        let enabled = self.enabled.iter().map(|kind| kind.name().to_owned());
        write_v1(&StoredV1 {
            id: self.id.clone(),
            management: self.management.to_string(),
            root: self.root.clone(),
            features: self.features.name().to_owned(),
            enabled: enabled.collect(),
            root_tags: self.root_tags.clone(),
            created: self.created.micros(),
        })
    }
    fn load(bytes: &[u8]) -> Result<Self, Unreadable> {
        let form: StoredV1 = read_v1(Self::TABLE, bytes)?;
        let bad = |field| bad(Self::TABLE, field);
        let enabled = form.enabled.iter().map(|name| PolicyKind::parse(name));
        let enabled: Option<BTreeSet<_>> = enabled.collect();
        Ok(Self {
            id: form.id,
            management: form.management.parse().map_err(|_| bad("management"))?,
            root: form.root,
            features: FeatureSet::parse(&form.features).ok_or_else(|| bad("features"))?,
            enabled: enabled.ok_or_else(|| bad("enabled"))?,
            root_tags: form.root_tags,
            created: Timestamp::from_micros(form.created),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization() -> Organization {
        Organization {
            id: "o-abcdefghij".into(),
            management: AccountId::from_number(1),
            root: "r-abcd".into(),
            features: FeatureSet::All,
            enabled: [PolicyKind::ResourceControl, PolicyKind::ServiceControl].into(),
            root_tags: Tags::default(),
            created: Timestamp::from_seconds(1),
        }
    }

    #[test]
    fn golden_bytes() {
        let stored = b"\x01{\"id\":\"o-abcdefghij\",\"management\":\"000000000001\",\"root\":\"r-abcd\",\"features\":\"ALL\",\"enabled\":[\"SERVICE_CONTROL_POLICY\",\"RESOURCE_CONTROL_POLICY\"],\"root_tags\":[],\"created\":1000000}";
        assert_eq!(organization().store(), stored);
        assert_eq!(Organization::load(stored).unwrap(), organization());
        let text = String::from_utf8(stored.to_vec()).unwrap();
        for (right, wrong) in [
            ("ALL", "ANY"),
            ("SERVICE_", "SERVANT_"),
            ("000000000001", "1"),
        ] {
            assert!(Organization::load(text.replace(right, wrong).as_bytes()).is_err());
        }
    }

    #[test]
    fn arns() {
        let organization = organization();
        let at = |resource: &str| format!("arn:aws:organizations::000000000001:{resource}");
        for (arn, resource) in [
            (organization.arn(), "organization/o-abcdefghij"),
            (organization.root_arn(), "root/o-abcdefghij/r-abcd"),
            (
                organization.account_arn(AccountId::from_number(2)),
                "account/o-abcdefghij/000000000002",
            ),
            (
                organization.unit_arn("ou-abcd-12345678"),
                "ou/o-abcdefghij/ou-abcd-12345678",
            ),
            (
                organization.policy_arn(PolicyKind::ResourceControl, "p-12345678"),
                "policy/o-abcdefghij/resource_control_policy/p-12345678",
            ),
        ] {
            assert_eq!(arn.as_str(), at(resource));
        }
    }
}
