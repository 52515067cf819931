//! An account together with the organization it is in.

use std::sync::Arc;

use base::AccountId;
use storage::{Look, StorageError};

use super::{FeatureSet, Member, Organization, PolicyKind};

/// Where an account is.
#[derive(Clone, Debug)]
pub(super) enum Belonging {
    /// In no organization.
    Nowhere,
    /// In this one.
    In(Membership),
    /// It is closed for good: of no organization any more, whether the one it was in is still there or not.
    Closed,
}

impl Belonging {
    /// The membership, where there is one.
    pub(super) fn membership(&self) -> Option<&Membership> {
        match self {
            Self::In(membership) => Some(membership),
            Self::Nowhere | Self::Closed => None,
        }
    }
    /// Whether anybody may act in the account.
    pub(super) fn is_active(&self) -> bool {
        match self {
            Self::Nowhere => true,
            Self::In(membership) => membership.member().is_active(),
            Self::Closed => false,
        }
    }
}

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

    /// Where `account` is. Fails when its organization is not there.
    pub(super) async fn load(
        records: &impl Look,
        account: AccountId,
    ) -> Result<Belonging, StorageError> {
        let Some(member) = records.look::<Member>(&Member::key_of(account)).await? else {
            return Ok(Belonging::Nowhere);
        };
        if member.is_gone() {
            return Ok(Belonging::Closed);
        }
        let key = Organization::key_of(&member.organization);
        let organization = records.look::<Organization>(&key).await?;
        let membership = organization.and_then(|organization| Self::new(member, organization));
        let membership = membership.ok_or(StorageError::Missing("organization.organization"))?;
        Ok(Belonging::In(membership))
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
    /// Whether policies of this kind, a control policy's, limit the account. AWS: the management account, never.
    pub fn is_limited_by(&self, kind: PolicyKind) -> bool {
        self.organization.features == FeatureSet::All
            && self.organization.enabled.contains(&kind)
            && !self.is_management()
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
