//! Managed policies at users, groups and roles: an entity's record and the row of its attachment change together.

use std::borrow::Cow;
use std::collections::HashMap;

use base::AccountId;
use identity::{Attachment, EntityKind, Group, Role, User};
use pipeline::{Failure, Lookup, Operation, Permitted};
use storage::{Key, Record};

use crate::errors;
use crate::find::{self, Entity};
use crate::managed_policy::{self, Named};
use crate::paging::{Paged, Paging, below};

/// Managed policies an entity may have. AWS: IAM User Guide, "IAM and AWS STS quotas".
const MOST: usize = 10;

/// What managed policies are attached to.
pub(crate) trait Holder: Entity + Clone {
    /// As rows of attachments have it.
    const HOLDER: EntityKind;
    /// AWS's name for how many policies it may have.
    const QUOTA: &'static str;
    /// Whose it is.
    fn account(&self) -> AccountId;
    /// Its name.
    fn name(&self) -> &str;
    /// ARNs of its policies.
    fn attached(&self) -> &[String];
    /// The same, to change.
    fn attached_mut(&mut self) -> &mut Vec<String>;
}

/// What permissions boundaries are set on.
pub(crate) trait Bounded: Holder {
    /// ARN of its boundary.
    fn boundary(&self) -> &Option<String>;
    /// The same, to change.
    fn boundary_mut(&mut self) -> &mut Option<String>;
}

macro_rules! holder {
    ($record:ident, $quota:literal) => {
        impl Holder for $record {
            const HOLDER: EntityKind = EntityKind::$record;
            const QUOTA: &'static str = $quota;
            fn account(&self) -> AccountId {
                self.account
            }
            fn name(&self) -> &str {
                &self.name
            }
            fn attached(&self) -> &[String] {
                &self.attached
            }
            fn attached_mut(&mut self) -> &mut Vec<String> {
                &mut self.attached
            }
        }
    };
}
holder!(User, "PoliciesPerUser");
holder!(Group, "PoliciesPerGroup");
holder!(Role, "PoliciesPerRole");

macro_rules! bounded {
    ($record:ident) => {
        impl Bounded for $record {
            fn boundary(&self) -> &Option<String> {
                &self.boundary
            }
            fn boundary_mut(&mut self) -> &mut Option<String> {
                &mut self.boundary
            }
        }
    };
}
bounded!(User);
bounded!(Role);

/// What a row of an attachment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// It grants.
    Permissions,
    /// It bounds.
    Boundary,
}

/// The row that says that `holder` has `policy`.
pub(crate) fn row<H: Holder>(holder: &H, policy: &str, usage: Use) -> Attachment {
    Attachment {
        account: holder.account(),
        policy: policy.to_owned(),
        boundary: usage == Use::Boundary,
        kind: H::HOLDER,
        name: holder.name().to_owned(),
    }
}

/// Attaches the policy of this ARN. Nothing happens when it is attached already.
pub(crate) async fn attach<O: Operation, H: Holder>(
    call: &Permitted<'_, O>,
    holder: &H,
    policy: &str,
) -> Result<(), Failure> {
    let named = Named::find(call.look(), policy).await?;
    if !named.is_attachable_in(holder.account()) {
        return Err(errors::no_such_policy(policy));
    }
    if named.is_for_linked_roles() {
        return Err(errors::service_role_policy());
    }
    if holder.attached().iter().any(|attached| attached == policy) {
        return Ok(());
    }
    if holder.attached().len() >= MOST {
        return Err(errors::quota_exceeded(H::QUOTA, MOST));
    }
    let mut changed = holder.clone();
    changed.attached_mut().push(policy.to_owned());
    call.put(row(&changed, policy, Use::Permissions));
    call.put(changed);
    Ok(())
}

/// Detaches the policy of this ARN.
pub(crate) async fn detach<O: Operation, H: Holder>(
    call: &Permitted<'_, O>,
    holder: &H,
    policy: &str,
) -> Result<(), Failure> {
    Named::find(call.look(), policy).await?;
    if !holder.attached().iter().any(|attached| attached == policy) {
        return Err(errors::policy_not_found(policy));
    }
    let mut changed = holder.clone();
    changed.attached_mut().retain(|attached| attached != policy);
    call.delete::<Attachment>(&row(holder, policy, Use::Permissions).key());
    call.put(changed);
    Ok(())
}

/// Fails unless entities of the caller's account can be bounded by the policy of this ARN.
pub(crate) async fn check_boundary(look: &Lookup<'_>, policy: &str) -> Result<(), Failure> {
    let named = Named::parse(look, policy).await?;
    let named = named.ok_or_else(|| errors::invalid_boundary(policy))?;
    match named.is_attachable_in(look.call().account()) {
        true => Ok(()),
        false => Err(errors::no_such_boundary(policy)),
    }
}

/// Bounds the permissions of `holder` by the policy of this ARN, in place of the one it has.
pub(crate) async fn bound<O: Operation, H: Bounded>(
    call: &Permitted<'_, O>,
    holder: &H,
    policy: &str,
) -> Result<(), Failure> {
    check_boundary(call.look(), policy).await?;
    set_boundary(call, holder, Some(policy));
    Ok(())
}

/// Takes the boundary off `holder`. Nothing happens when it has none.
pub(crate) fn unbound<O: Operation, H: Bounded>(call: &Permitted<'_, O>, holder: &H) {
    set_boundary(call, holder, None);
}

fn set_boundary<O: Operation, H: Bounded>(
    call: &Permitted<'_, O>,
    holder: &H,
    policy: Option<&str>,
) {
    if holder.boundary().as_deref() == policy {
        return;
    }
    if let Some(former) = holder.boundary() {
        call.delete::<Attachment>(&row(holder, former, Use::Boundary).key());
    }
    if let Some(policy) = policy {
        call.put(row(holder, policy, Use::Boundary));
    }
    let mut changed = holder.clone();
    *changed.boundary_mut() = policy.map(str::to_owned);
    call.put(changed);
}

/// For `iam:PermissionsBoundary` where the boundary that the entity has is meant.
pub(crate) fn boundary_of<H: Bounded>(named: &find::Named<H>) -> Option<Cow<'static, str>> {
    named.record()?.boundary().clone().map(Cow::Owned)
}

/// How often a policy is used in an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// For `AttachmentCount`.
    pub(crate) attachments: i32,
    /// For `PermissionsBoundaryUsageCount`.
    pub(crate) boundaries: i32,
}

impl Usage {
    fn count(&mut self, attachment: &Attachment) {
        match attachment.boundary {
            true => self.boundaries += 1,
            false => self.attachments += 1,
        }
    }

    /// How often the policy of this ARN is used in the caller's account.
    pub(crate) async fn of(look: &Lookup<'_>, policy: &str) -> Result<Self, Failure> {
        let mut usage = Self::default();
        for row in rows(look, policy).await? {
            usage.count(&row);
        }
        Ok(usage)
    }

    /// How often each policy that is used at all is used in the caller's account.
    pub(crate) async fn of_all(look: &Lookup<'_>) -> Result<HashMap<String, Self>, Failure> {
        let account = Key::root().then(look.call().account().as_str());
        let mut all: HashMap<String, Self> = HashMap::new();
        for row in look.scan::<Attachment>(&account, None, usize::MAX).await? {
            all.entry(row.policy.clone()).or_default().count(&row);
        }
        Ok(all)
    }
}

/// Every use of the policy of this ARN in the caller's account.
pub(crate) async fn rows(look: &Lookup<'_>, policy: &str) -> Result<Vec<Attachment>, Failure> {
    let account = look.call().account();
    let mut rows = Vec::new();
    for boundary in [false, true] {
        let prefix = Attachment::prefix(account, policy, boundary);
        let page = look.scan::<Attachment>(&prefix, None, usize::MAX).await?;
        rows.extend(page.iter().map(|row| Attachment::clone(row)));
    }
    Ok(rows)
}

/// A page of the policies attached to `holder`.
pub(crate) fn page(
    holder: &impl Holder,
    path_prefix: &Option<String>,
    paging: &Paging,
) -> Paged<iam_api::shapes::AttachedPolicy> {
    let arns = holder.attached().iter();
    let wanted = arns.filter(|arn| below(path_prefix, managed_policy::path(arn)));
    let paged = paging.list(wanted, |arn| managed_policy::place(arn));
    let items = paged.map(|arn| iam_api::shapes::AttachedPolicy {
        policy_name: Some(managed_policy::name(arn).to_owned()),
        policy_arn: Some((*arn).clone()),
    });
    Paged {
        items,
        marker: paged.marker,
    }
}
