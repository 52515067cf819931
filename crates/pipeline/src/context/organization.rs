//! Condition keys about the organizations of the caller and of the resource.
//!
//! AWS document: IAM User Guide, "AWS global condition context keys".

use identity::Identity;
use identity::organization::Membership;
use policy::Value;

use super::{RequestContext, said};

impl RequestContext<'_> {
    /// The keys that tell where accounts stand; absent for an account in no organization.
    pub(super) fn of_organization(&self, name: &str, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let owner = || self.guardrails.owner(self.resource_account());
        let vouched = matches!(self.call.caller().identity, Identity::Vouched(_));
        match name {
            // Who has no credentials is of no organization.
            "principalorgid" | "principalorgpaths" if vouched => false,
            "principalorgid" => organization_id(self.guardrails.caller(), each),
            "principalorgpaths" => path(self.guardrails.caller(), each),
            "resourceorgid" => organization_id(owner(), each),
            "resourceorgpaths" => path(owner(), each),
            _ => false,
        }
    }
}

pub(crate) fn organization_id(
    membership: Option<&Membership>,
    each: &mut dyn FnMut(Value<'_>),
) -> bool {
    membership.is_some_and(|found| said(each, Value::Text(&found.organization().id)))
}

pub(crate) fn path(membership: Option<&Membership>, each: &mut dyn FnMut(Value<'_>)) -> bool {
    membership.is_some_and(|found| said(each, Value::Text(&found.path())))
}
