//! Permissions and resources as values. One struct an IAM action is generated into each service's `api`.

use std::sync::Arc;

use base::{AccountId, Arn, Region, Tags};

use crate::context::{ConditionKey, Value};
use crate::grant::Grant;

/// The policy that hangs on a resource, and how it takes part in the decision.
#[derive(Clone, Copy)]
pub enum ResourcePolicy<'a> {
    /// This kind of resource has no policy.
    None,
    /// An ordinary resource policy (S3, SQS, Secrets Manager …); `None` where it has not been set.
    /// Within one account it is united with identity policies.
    Ordinary(Option<&'a crate::Policy>),
    /// A KMS key policy: identity policies count only where it delegates to the account.
    Key(&'a crate::Policy),
    /// A role's trust policy: identity policies never suffice without it.
    Trust(&'a crate::Policy),
}

/// A resource as the policy engine sees it. Records of services implement it.
pub trait Resource: Send + Sync + 'static {
    /// The ARN that statements' `Resource` is matched against.
    fn arn(&self) -> &Arn;
    /// How a denial names it: the ARN, or what the caller called it, where the ARN would tell whether it exists.
    fn named(&self) -> &str {
        self.arn().as_str()
    }
    /// The account that owns it.
    fn account(&self) -> AccountId;
    /// The policy on it.
    fn policy(&self) -> ResourcePolicy<'_>;
    /// Its tags, for `aws:ResourceTag/…`.
    fn tags(&self) -> &Tags;
    /// Grants on it, for [`Policies::grants`](crate::Policies::grants). Those suffice that may reach the caller: whoever
    /// keeps many picks them by grantee.
    fn grants(&self) -> &[Arc<Grant>] {
        &[]
    }
    /// The entries of its access control list, for
    /// [`Policies::access_control_list`](crate::Policies::access_control_list).
    fn access_control_list(&self) -> &[Arc<Grant>] {
        &[]
    }
    /// Values of the service's own condition keys that describe the resource, as `kms:KeySpec`.
    fn condition(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let _ = (key, each);
        false
    }
}

/// A resource without policy and tags: one that is about to be made, or that has neither.
#[derive(Clone, Debug)]
pub struct NamedResource {
    arn: Arn,
    account: AccountId,
    tags: Tags,
}

impl NamedResource {
    /// Names a resource.
    pub fn new(arn: Arn, account: AccountId) -> Self {
        Self {
            arn,
            account,
            tags: Tags::default(),
        }
    }
    /// Names a resource that has tags.
    pub fn tagged(arn: Arn, account: AccountId, tags: Tags) -> Self {
        Self { arn, account, tags }
    }
}

impl Resource for NamedResource {
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

/// One IAM action as a value. Generated with a field for each resource and each documented condition key
/// that only the service can know, so leaving one out does not compile.
pub trait Permission: Send + Sync + 'static {
    /// As `kms:Encrypt`.
    fn action(&self) -> &'static str;
    /// Every resource the action is decided on, one decision each; none means `*` in the caller's account.
    fn resources(&self, each: &mut dyn FnMut(&dyn Resource));
    /// Values of the condition keys in the fields.
    fn condition(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool;
    /// The region the action is asked for in, `aws:RequestedRegion`, where that is not the region of the call.
    fn region(&self) -> Option<Region> {
        None
    }
}

/// A permission asked for in another region than the call's, as that to replicate a key into it.
pub struct InRegion<P>(pub Region, pub P);

impl<P: Permission> Permission for InRegion<P> {
    fn action(&self) -> &'static str {
        self.1.action()
    }
    fn resources(&self, each: &mut dyn FnMut(&dyn Resource)) {
        self.1.resources(each);
    }
    fn condition(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        self.1.condition(key, each)
    }
    fn region(&self) -> Option<Region> {
        Some(self.0)
    }
}

/// Says which permissions may guard which operation `A` (a `wire::Api`). Generated.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not guard `{A}`",
    note = "the pairs come from the service's `model.json`"
)]
pub trait Guards<A>: Permission {}
