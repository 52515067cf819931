//! What one service may do of its own accord for a resource: invoke a function, assume a role.
//!
//! AWS documents: IAM User Guide, "The confused deputy problem" and "AWS global condition context keys".

use base::{AccountId, Arn, Region, Timestamp};
use identity::organization::Guardrails;
use policy::{
    ConditionKey, Context, Policies, Principal, PrincipalKind, Request, Resource, Value, decide,
};
use storage::StorageError;

use crate::Core;
use crate::context::{organization_id, path};

/// A service that asks in its own name.
pub(crate) struct Asking<'a> {
    /// As `lambda.amazonaws.com`.
    pub(crate) service: &'a str,
    /// The resource it asks for.
    pub(crate) source: &'a Arn,
    pub(crate) action: &'static str,
    pub(crate) region: Region,
}

impl Asking<'_> {
    /// Whether `resource` and the organization above it let the service.
    pub(crate) async fn is_allowed(
        &self,
        core: &Core,
        resource: &dyn Resource,
    ) -> Result<bool, StorageError> {
        let owner = resource.account();
        // A resource that belongs to nobody tells no account: then the keys that need one are absent.
        let account = self.source.account().parse::<AccountId>().ok();
        let source = account.unwrap_or(owner);
        let guardrails = Guardrails::load(&core.records, source, &[owner]).await?;
        if !guardrails.caller_is_active() || !guardrails.owner_is_active(owner) {
            return Ok(false);
        }
        let context = Circumstances {
            asking: self,
            account,
            owner,
            guardrails: &guardrails,
            now: core.clock.now(),
        };
        let request = Request {
            principal: Principal {
                account: source,
                kind: PrincipalKind::Service(self.service),
            },
            action: self.action,
            resource: Some(resource),
            context: &context,
        };
        let resource_control = guardrails.resource_control(owner, self.action);
        let policies = Policies {
            resource_control: &resource_control.lists(),
            ..Policies::default()
        };
        Ok(decide(&request, &policies).is_allowed())
    }
}

/// What conditions are compared with where a service asks in its own name.
struct Circumstances<'a> {
    asking: &'a Asking<'a>,
    account: Option<AccountId>,
    owner: AccountId,
    guardrails: &'a Guardrails,
    now: Timestamp,
}

impl Context for Circumstances<'_> {
    fn values(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        if key.qualifier().is_some() {
            return false;
        }
        let source = || self.account.and(self.guardrails.caller());
        let value = match key.name() {
            "aws:sourcearn" => Value::Text(self.asking.source.as_str()),
            "aws:sourceaccount" => match &self.account {
                Some(account) => Value::Text(account.as_str()),
                None => return false,
            },
            "aws:sourceorgid" => return organization_id(source(), each),
            "aws:sourceorgpaths" => return path(source(), each),
            "aws:resourceorgid" => return organization_id(self.guardrails.owner(self.owner), each),
            "aws:resourceorgpaths" => return path(self.guardrails.owner(self.owner), each),
            "aws:resourceaccount" => Value::Text(self.owner.as_str()),
            "aws:principalisawsservice" => Value::Bool(true),
            "aws:principalservicename" => Value::Text(self.asking.service),
            "aws:viaawsservice" => Value::Bool(false),
            // It does not leave the server.
            "aws:securetransport" => Value::Bool(true),
            "aws:requestedregion" => Value::Text(self.asking.region.as_str()),
            "aws:currenttime" | "aws:epochtime" => Value::Date(self.now),
            _ => return false,
        };
        each(value);
        true
    }
}
