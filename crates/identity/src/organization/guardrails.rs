//! The control policies of organizations that limit one call.
//!
//! AWS documents: AWS Organizations User Guide, "SCP evaluation" and "RCP evaluation"; AWS KMS Developer Guide,
//! "Resource control policies in AWS KMS".

use std::sync::Arc;

use base::AccountId;
use policy::Attached;
use smallvec::{SmallVec, smallvec};
use storage::{Look, StorageError};

use super::membership::Belonging;
use super::{Membership, OrganizationPolicy, PolicyKind, PolicyTarget};
use crate::Document;

/// The services whose resources AWS holds to resource control policies.
/// AWS document: AWS Organizations User Guide, "List of AWS services that support RCPs".
const RESOURCE_CONTROLLED: [&str; 11] = [
    "aoss",
    "cognito-identity",
    "cognito-idp",
    "dynamodb",
    "ecr",
    "kms",
    "logs",
    "s3",
    "secretsmanager",
    "sqs",
    "sts",
];

/// AWS: what is permitted by a grant is not held to resource control policies.
const NEVER_RESOURCE_CONTROLLED: &str = "kms:RetireGrant";

/// What organizations say about the caller's account and about the accounts whose resources a call is about.
#[derive(Debug)]
pub struct Guardrails {
    caller: Belonging,
    service_control: Controls,
    owners: SmallVec<[Owner; 1]>,
}

#[derive(Debug)]
struct Owner {
    account: AccountId,
    belonging: Belonging,
    resource_control: Controls,
}

impl Guardrails {
    /// Gathers what limits a caller of account `caller` and the resources of accounts `owners`. Fails when a record
    /// that should be there is not: then nothing is allowed.
    pub async fn load(
        records: &impl Look,
        caller: AccountId,
        owners: &[AccountId],
    ) -> Result<Self, StorageError> {
        let own = Membership::load(records, caller).await?;
        let mut guardrails = Self {
            service_control: controls(records, own.membership(), PolicyKind::ServiceControl)
                .await?,
            caller: own,
            owners: SmallVec::new(),
        };
        for owner in owners {
            guardrails.add_owner(records, caller, *owner).await?;
        }
        Ok(guardrails)
    }

    async fn add_owner(
        &mut self,
        records: &impl Look,
        caller: AccountId,
        account: AccountId,
    ) -> Result<(), StorageError> {
        let belonging = match account == caller {
            true => self.caller.clone(),
            false => Membership::load(records, account).await?,
        };
        let kind = PolicyKind::ResourceControl;
        self.owners.push(Owner {
            account,
            resource_control: controls(records, belonging.membership(), kind).await?,
            belonging,
        });
        Ok(())
    }

    /// The caller's account in its organization.
    pub fn caller(&self) -> Option<&Membership> {
        self.caller.membership()
    }
    /// An owner's account in its organization.
    pub fn owner(&self, account: AccountId) -> Option<&Membership> {
        self.found(account)?.belonging.membership()
    }
    /// Whether the caller's account is open.
    pub fn caller_is_active(&self) -> bool {
        self.caller.is_active()
    }
    /// Whether an owner's account is open.
    pub fn owner_is_active(&self, account: AccountId) -> bool {
        let owner = self.found(account);
        owner.is_none_or(|owner| owner.belonging.is_active())
    }
    fn found(&self, account: AccountId) -> Option<&Owner> {
        self.owners.iter().find(|owner| owner.account == account)
    }

    /// The service control policies above the caller's account.
    pub fn service_control(&self) -> Levels<'_> {
        self.service_control.levels()
    }
    /// The resource control policies above a resource's account, for this action.
    pub fn resource_control(&self, account: AccountId, action: &str) -> Levels<'_> {
        if !is_resource_controlled(action) {
            return Levels::default();
        }
        match self.found(account) {
            Some(owner) => owner.resource_control.levels(),
            // Nobody has looked what limits this account: a level without policies allows nothing.
            None => Levels(smallvec![SmallVec::new()]),
        }
    }
}

fn is_resource_controlled(action: &str) -> bool {
    let service = base::cut(action, b':').map_or(action, |(service, _)| service);
    let mut services = RESOURCE_CONTROLLED.iter();
    services.any(|known| known.eq_ignore_ascii_case(service))
        && !action.eq_ignore_ascii_case(NEVER_RESOURCE_CONTROLLED)
}

/// The policies of one kind above one account, a list a level.
#[derive(Debug, Default)]
struct Controls(SmallVec<[Level; 4]>);

type Level = SmallVec<[Control; 2]>;

/// A control policy and what it says.
#[derive(Debug)]
struct Control {
    policy: Arc<OrganizationPolicy>,
    document: Document,
}

impl Controls {
    fn levels(&self) -> Levels<'_> {
        Levels(self.0.iter().map(level).collect())
    }
}

fn level(level: &Level) -> SmallVec<[Attached<'_>; 2]> {
    let attached = level.iter().map(|control| Attached {
        name: control.policy.arn.as_str(),
        policy: control.document.policy(),
    });
    attached.collect()
}

/// Control policies, a list a level. No level: nothing limits.
#[derive(Debug, Default)]
pub struct Levels<'a>(SmallVec<[SmallVec<[Attached<'a>; 2]>; 4]>);

impl<'a> Levels<'a> {
    /// As `policy::Policies` takes them.
    pub fn lists(&self) -> SmallVec<[&[Attached<'a>]; 6]> {
        self.0.iter().map(SmallVec::as_slice).collect()
    }
}

async fn controls(
    records: &impl Look,
    membership: Option<&Membership>,
    kind: PolicyKind,
) -> Result<Controls, StorageError> {
    let mut controls = Controls::default();
    let Some(membership) = membership.filter(|membership| membership.is_limited_by(kind)) else {
        return Ok(controls);
    };
    let organization = &membership.organization().id;
    for target in membership.targets() {
        let key = PolicyTarget::key_of(organization, target, kind);
        let attached = records.look::<PolicyTarget>(&key).await?;
        let attached = attached.ok_or(StorageError::Missing("organization.policy_target"))?;
        let mut level = Level::new();
        for id in &attached.policies {
            level.push(policy(records, organization, id, kind).await?);
        }
        controls.0.push(level);
    }
    Ok(controls)
}

/// The policy of this id, AWS's or the organization's.
async fn policy(
    records: &impl Look,
    organization: &str,
    id: &str,
    kind: PolicyKind,
) -> Result<Control, StorageError> {
    let found = match OrganizationPolicy::aws_managed(id) {
        Some(policy) => Some(policy),
        None => {
            let key = OrganizationPolicy::key_of(organization, id);
            records.look::<OrganizationPolicy>(&key).await?
        }
    };
    let control = found
        .filter(|policy| policy.kind == kind)
        .and_then(|policy| {
            let document = policy.content.control()?.clone();
            Some(Control { policy, document })
        });
    control.ok_or(StorageError::Missing("organization.policy"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_that_are_resource_controlled() {
        for (action, controlled) in [
            ("kms:Encrypt", true),
            ("KMS:Encrypt", true),
            ("sts:AssumeRole", true),
            ("kms:RetireGrant", false),
            ("kms:RevokeGrant", true),
            ("iam:CreateUser", false),
            ("organizations:CreatePolicy", false),
            ("km:Encrypt", false),
        ] {
            assert_eq!(is_resource_controlled(action), controlled, "{action}");
        }
    }
}
