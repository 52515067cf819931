//! An account together with the organization it is in.

use std::sync::Arc;

use base::AccountId;
use storage::{Look, StorageError};

use super::{FeatureSet, Member, Organization, PolicyKind};

/// Where an account stands in its organization.
#[derive(Clone, Debug)]
pub struct Membership {
    member: Arc<Member>,
    organization: Arc<Organization>,
}

impl Membership {
    /// From records that belong together: `None` where the organization is not the member's, or not its root above it.
    pub fn new(member: Arc<Member>, organization: Arc<Organization>) -> Option<Self> {
        let belongs = member.organization == organization.id
            && member.parents.first() == Some(&organization.root);
        belongs.then_some(Self {
            member,
            organization,
        })
    }

    /// The membership of `account`; `None` where it is in no organization. Fails when its organization is not there.
    pub async fn load(
        records: &impl Look,
        account: AccountId,
    ) -> Result<Option<Self>, StorageError> {
        let Some(member) = records.look::<Member>(&Member::key_of(account)).await? else {
            return Ok(None);
        };
        let key = Organization::key_of(&member.organization);
        let organization = records.look::<Organization>(&key).await?;
        let membership = organization.and_then(|organization| Self::new(member, organization));
        let membership = membership.ok_or(StorageError::Missing("organization.organization"))?;
        Ok(Some(membership))
    }

    /// The account's own record.
    pub fn member(&self) -> &Member {
        &self.member
    }
    /// The organization.
    pub fn organization(&self) -> &Organization {
        &self.organization
    }
    /// Whether it is the account that made the organization.
    pub fn is_management(&self) -> bool {
        self.organization.management == self.member.account
    }
    /// Whether policies of this kind, a control policy's, limit the account. AWS: the management account, never. Nothing is
    /// attached to one that is closed for good: nobody acts in it.
    pub fn is_limited_by(&self, kind: PolicyKind) -> bool {
        self.organization.features == FeatureSet::All
            && self.organization.enabled.contains(&kind)
            && !self.is_management()
            && !self.member.is_gone()
    }
    /// What policies may be attached to above the account: the root, each unit, the account itself.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        let parents = self.member.parents.iter().map(String::as_str);
        parents.chain([self.member.account.as_str()])
    }
    /// As `aws:PrincipalOrgPaths` has it: `o-…/r-…/ou-…/`.
    pub fn path(&self) -> String {
        let mut path = format!("{}/", self.organization.id);
        for parent in &self.member.parents {
            path += parent;
            path += "/";
        }
        path
    }
}
