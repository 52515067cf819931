//! Every permission the call needs, decided on every resource it names.

use identity::Effective;
use policy::{Decision, Permission, Request, Resource, decide};

use crate::access::Needs;
use crate::context::RequestContext;
use crate::forbid::forbidden;
use crate::{Call, Failure};

/// Proof that every needed permission was granted. Made here and nowhere else.
pub(crate) struct Authorized(());

/// Decides all of `needs`; the first denial ends the call.
pub(crate) async fn authorize(call: &Call<'_>, needs: &Needs) -> Result<Authorized, Failure> {
    if let Some(fault) = forbidden(call.caller, call.facts) {
        return Err(fault.into());
    }
    if needs.is_empty() {
        return Ok(Authorized(()));
    }
    let effective = Effective::load(&call.core.records, call.caller).await?;
    let granted = effective.granted();
    for need in needs {
        let mut denied = None;
        let mut named = false;
        need.resources(&mut |resource| {
            named = true;
            if denied.is_none() {
                denied = denial(call, &granted, &**need, Some(resource));
            }
        });
        if !named {
            denied = denial(call, &granted, &**need, None);
        }
        if let Some(failure) = denied {
            return Err(failure);
        }
    }
    Ok(Authorized(()))
}

fn denial(
    call: &Call<'_>,
    granted: &identity::Granted<'_>,
    need: &dyn Permission,
    resource: Option<&dyn Resource>,
) -> Option<Failure> {
    let context = RequestContext {
        call,
        need,
        resource,
    };
    let request = Request {
        principal: call.caller.principal(),
        action: need.action(),
        resource,
        context: &context,
    };
    match decide(&request, &granted.policies()) {
        Decision::Allowed { .. } => None,
        Decision::Denied(denial) => Some(refusal(call, &denial, need.action(), resource)),
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
    let shown = resource.map_or(none, |resource| resource.arn().as_str());
    let message = denial.message(call.caller.arn().as_str(), action, shown);
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
    let matched = denial.statement().into_iter().map(|matched| {
        serde_json::json!({
            "statementId": matched.index.to_string(),
            "effect": "DENY",
            "principals": {"items": [{"value": call.caller.arn().as_str()}]},
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
                "id": call.caller.user_id(),
                "arn": call.caller.arn().as_str(),
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
