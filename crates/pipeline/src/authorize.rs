//! Every permission the call needs, decided on every resource it names.

use base::AccountId;
use identity::organization::{Guardrails, Membership};
use identity::{Granted, Identity};
use policy::{
    Attached, Decision, Denial, Permission, Policies, PolicyType, Request, Resource, decide,
};
use smallvec::SmallVec;

use crate::access::Needs;
use crate::authenticate::unknown_key;
use crate::context::RequestContext;
use crate::forbid::forbidden;
use crate::{Call, Failure, VpcEndpoint};

/// Proof that every needed permission was granted. Made here and nowhere else.
pub(crate) struct Authorized(());

/// Decides all of `needs`; the first denial ends the call.
pub(crate) async fn authorize(call: &Call<'_>, needs: &Needs) -> Result<Authorized, Failure> {
    if let Some(fault) = forbidden(call.caller(), call.facts) {
        return Err(fault.into());
    }
    let mut owners = owners(call.account(), needs);
    // Where the endpoint's account stands is asked as of the same moment.
    if let Some(endpoint) = call.endpoint()
        && !owners.contains(&endpoint.account())
    {
        owners.push(endpoint.account());
    }
    let ours = owners.iter().all(|owner| *owner == call.account());
    if ours {
        return decide_all(call, call.standing.guardrails()?, needs);
    }
    let beside = Box::pin(call.standing.beside(call.core, &owners)).await?;
    let (standing, guardrails) = beside.ok_or_else(|| unknown_key(call.protocol()))?;
    let call = Call {
        standing: &standing,
        ..*call
    };
    decide_all(&call, &guardrails, needs)
}

fn decide_all(
    call: &Call<'_>,
    guardrails: &Guardrails,
    needs: &Needs,
) -> Result<Authorized, Failure> {
    // AWS: nobody acts in a closed account. Its credentials are as good as unknown.
    if !guardrails.caller_is_active() {
        return Err(unknown_key(call.protocol()).into());
    }
    if needs.is_empty() {
        return Ok(Authorized(()));
    }
    let granted = call.standing.policies()?.granted();
    let service_control = guardrails.service_control();
    let mut service_control = service_control.lists();
    // AWS: they limit users and roles of the account, and nobody else.
    if let Identity::Vouched(_) = call.caller().identity {
        service_control = Default::default();
    }
    let evaluation = Evaluation {
        call,
        granted: &granted,
        guardrails,
        service_control: &service_control,
    };
    let denied = needs
        .iter()
        .find_map(|need| evaluation.first_denial(&**need));
    denied.map_or(Ok(Authorized(())), Err)
}

/// The accounts whose resources `needs` name; what has no resource is decided on `*` in the caller's account.
fn owners(caller: AccountId, needs: &Needs) -> SmallVec<[AccountId; 2]> {
    let mut owners = SmallVec::new();
    let mut add = |account| {
        if !owners.contains(&account) {
            owners.push(account);
        }
    };
    for need in needs {
        let mut named = false;
        need.resources(&mut |resource| {
            named = true;
            add(resource.account());
        });
        if !named {
            add(caller);
        }
    }
    owners
}

/// All that is the same for every decision of a call.
struct Evaluation<'a, 'p> {
    call: &'a Call<'a>,
    granted: &'a Granted<'p>,
    guardrails: &'a Guardrails,
    service_control: &'a [&'a [Attached<'p>]],
}

impl Evaluation<'_, '_> {
    /// Decides `need` on every resource it names.
    fn first_denial(&self, need: &dyn Permission) -> Option<Failure> {
        let mut denied = None;
        let mut named = false;
        need.resources(&mut |resource| {
            named = true;
            if denied.is_none() {
                denied = self.denial(need, Some(resource));
            }
        });
        if !named {
            denied = self.denial(need, None);
        }
        denied
    }

    fn denial(&self, need: &dyn Permission, resource: Option<&dyn Resource>) -> Option<Failure> {
        let (call, action) = (self.call, need.action());
        let owner = resource.map_or(call.account(), |resource| resource.account());
        // AWS: what is left in a closed account is out of reach for other accounts, whatever its policies say.
        if !self.guardrails.owner_is_active(owner) {
            let closed = Denial::Implicit(PolicyType::Resource);
            return Some(refusal(call, &closed, action, resource));
        }
        let resource_control = self.guardrails.resource_control(owner, action);
        let context = RequestContext {
            call,
            need,
            resource,
            guardrails: self.guardrails,
        };
        let request = Request {
            principal: call.caller().principal(),
            action,
            resource,
            context: &context,
        };
        let policies = Policies {
            service_control: self.service_control,
            resource_control: &resource_control.lists(),
            grants: resource.map_or(&[], |resource| resource.grants()),
            endpoint: call.endpoint().map(VpcEndpoint::attached),
            access_control_list: resource.map_or(&[], |resource| resource.access_control_list()),
            ..self.granted.policies()
        };
        match decide(&request, &policies) {
            Decision::Allowed { .. } => None,
            Decision::Denied(denial) => {
                let denial = match self.may_name(&denial, owner) {
                    true => denial,
                    false => denial.unnamed(),
                };
                Some(refusal(call, &denial, action, resource))
            }
        }
    }

    /// AWS: a policy is named to callers of its account or organization alone. All but resource control policies are of
    /// the caller's own.
    fn may_name(&self, denial: &Denial<'_>, owner: AccountId) -> bool {
        let organization = |membership: Option<&Membership>| {
            membership.map(|membership| membership.organization().id.clone())
        };
        let caller = organization(self.guardrails.caller());
        denial.policy_type() != PolicyType::ResourceControl
            || (caller.is_some() && caller == organization(self.guardrails.owner(owner)))
    }
}

fn refusal(
    call: &Call<'_>,
    denial: &policy::Denial<'_>,
    action: &str,
    resource: Option<&dyn Resource>,
) -> Failure {
    // AWS: IAM and KMS name `*` where there is no resource; STS and CloudTrail name nothing.
    let none = match call.facts.service.name {
        "iam" | "kms" => "*",
        _ => "",
    };
    let shown = resource.map_or(none, |resource| resource.named());
    let message = match call.caller().identity {
        // AWS: who has no credentials is told no more.
        Identity::Vouched(_) => format!("Not authorized to perform {action}"),
        _ => denial.message(call.caller().arn().as_str(), action, shown),
    };
    let explanation = explain(call, denial, action, shown);
    match call
        .core
        .sessions
        .seal_message(call.account(), &explanation)
    {
        Ok(encoded) => Failure::Denied {
            fault: wire::errors::ACCESS_DENIED.says(call.protocol(), message),
            encoded,
        },
        Err(error) => Failure::internal(error),
    }
}

/// The document that `sts:DecodeAuthorizationMessage` answers with, in AWS's members.
fn explain(call: &Call<'_>, denial: &policy::Denial<'_>, action: &str, resource: &str) -> String {
    // A resource control policy of an organization that is not the caller's has no name here.
    let told = |matched: &policy::Matched<'_>| {
        matched.policy_type != PolicyType::ResourceControl || !matched.policy.is_empty()
    };
    let matched = denial.statement().into_iter().filter(told).map(|matched| {
        serde_json::json!({
            "statementId": matched.index.to_string(),
            "effect": "DENY",
            "principals": {"items": [{"value": call.caller().arn().as_str()}]},
            "policyName": matched.policy,
            "policyType": matched.policy_type.name(),
        })
    });
    let matched: Vec<_> = matched.collect();
    serde_json::json!({
        "allowed": false,
        "explicitDeny": denial.is_explicit(),
        "matchedStatements": {"items": matched},
        "failures": {"items": []},
        "context": {
            "principal": {
                "id": call.caller().user_id(),
                "arn": call.caller().arn().as_str(),
            },
            "action": action,
            "resource": resource,
            "conditions": {"items": [
                {"key": "aws:Region", "values": {"items": [{"value": call.region.as_str()}]}},
                {"key": "aws:Service", "values": {"items": [{"value": call.facts.service.name}]}},
                {"key": "aws:Account", "values": {"items": [{"value": call.account().as_str()}]}},
            ]},
        },
    })
    .to_string()
}
