//! What the engine decides in one case.

use base::{AccountId, Arn, Tags};
use policy::{
    Attached, ConditionKey, Context, Decision, Grammar, Policies, Policy, Principal, PrincipalKind,
    Request, Resource, ResourcePolicy, Value, decide,
};
use serde_json::Value as Json;

const HOME: &str = "111111111111";
const FULL_ACCESS: &str = r#"{"Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}"#;

/// The context variables of the request.
struct Variables<'a>(&'a Json);

impl Context for Variables<'_> {
    fn values(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let wanted = match key.qualifier() {
            Some(qualifier) => format!("{}/{qualifier}", key.name()),
            None => key.name().to_owned(),
        };
        let all = self.0.as_object().unwrap();
        let known = all
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(&wanted));
        match known {
            None => return false,
            Some((_, Json::Array(values))) => {
                values
                    .iter()
                    .for_each(|value| each(Value::Text(text(value))));
            }
            Some((_, value)) => each(Value::Text(text(value))),
        }
        true
    }
}

/// The resource asked for, with its policy.
struct Thing {
    arn: Arn,
    account: AccountId,
    policy: Kept,
    tags: Tags,
}

enum Kept {
    Ordinary(Option<Policy>),
    Key(Policy),
    Trust(Policy),
}

impl Resource for Thing {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        match &self.policy {
            Kept::Ordinary(policy) => ResourcePolicy::Ordinary(policy.as_ref()),
            Kept::Key(policy) => ResourcePolicy::Key(policy),
            Kept::Trust(policy) => ResourcePolicy::Trust(policy),
        }
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

/// Decides the case; the answer is in the words of `@cloud-copilot/iam-simulate`.
pub(crate) fn to(simulation: &Json) -> &'static str {
    let asked = &simulation["request"];
    let thing = thing(asked, &simulation["resourcePolicy"]);
    let variables = Variables(&asked["contextVariables"]);
    let request = Request {
        principal: principal(&asked["principal"]),
        action: text(&asked["action"]),
        resource: thing.as_ref().map(|thing| thing as &dyn Resource),
        context: &variables,
    };
    decided(&request, simulation)
}

fn decided(request: &Request<'_>, simulation: &Json) -> &'static str {
    let identity = policies(&simulation["identityPolicies"], Grammar::Identity);
    let boundary = policies(&simulation["permissionBoundaryPolicies"], Grammar::Boundary);
    let endpoint = policies(&simulation["vpcEndpointPolicies"], Grammar::Resource);
    let session = optional(&simulation["sessionPolicy"], Grammar::Session);
    let service_control = levels(
        &simulation["serviceControlPolicies"],
        Grammar::ServiceControl,
    );
    let mut resource_control = levels(
        &simulation["resourceControlPolicies"],
        Grammar::ResourceControl,
    );
    for level in &mut resource_control {
        level.push(parse(FULL_ACCESS, Grammar::Resource));
    }
    let identity = list(&identity);
    let session: Option<Vec<_>> = session.as_ref().map(|policy| vec![attached(policy)]);
    let service_control = lists(&service_control);
    let service_control: Vec<_> = service_control.iter().map(Vec::as_slice).collect();
    let resource_control = lists(&resource_control);
    let resource_control: Vec<_> = resource_control.iter().map(Vec::as_slice).collect();
    let around = Policies {
        identity: &identity,
        boundary: boundary.first().map(attached),
        session: session.as_deref(),
        service_control: &service_control,
        resource_control: &resource_control,
        endpoint: endpoint.first().map(attached),
        ..Policies::default()
    };
    let decision = decide(request, &around);
    match decision {
        Decision::Allowed { .. } => "Allowed",
        Decision::Denied(denial) if denial.is_explicit() => "ExplicitlyDenied",
        Decision::Denied(_) => "ImplicitlyDenied",
    }
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap()
}

fn thing(asked: &Json, policy: &Json) -> Option<Thing> {
    let arn = text(&asked["resource"]["resource"]);
    let kept = |grammar| optional(policy, grammar);
    let policy = match text(&asked["action"]) {
        "kms:Decrypt" => Kept::Key(kept(Grammar::Key).unwrap()),
        "sts:AssumeRole" => Kept::Trust(kept(Grammar::Trust).unwrap()),
        _ => Kept::Ordinary(kept(Grammar::Resource)),
    };
    (arn != "*").then(|| Thing {
        arn: arn.parse().unwrap(),
        account: text(&asked["resource"]["accountId"]).parse().unwrap(),
        policy,
        tags: Tags::default(),
    })
}

fn principal(asked: &Json) -> Principal<'_> {
    let kind = match asked.as_str() {
        None => PrincipalKind::Anonymous,
        Some("arn:aws:iam::111111111111:root") => PrincipalKind::Root,
        Some(arn) if arn.contains(":user/") => PrincipalKind::User {
            arn,
            id: "AIDAANNANNANNANNANN",
        },
        Some(session_arn) if session_arn.contains(":assumed-role/") => PrincipalKind::AssumedRole {
            role_arn: "arn:aws:iam::111111111111:role/dev",
            role_id: "AROADEVDEVDEVDEVDEV",
            session_arn,
        },
        Some(arn) if arn.contains(":federated-user/") => PrincipalKind::FederatedUser {
            arn,
            issuer_arn: "arn:aws:iam::111111111111:user/broker",
            issuer_id: None,
        },
        Some(name) => PrincipalKind::Service(name),
    };
    Principal {
        account: HOME.parse().unwrap(),
        kind,
    }
}

fn parse(document: &str, grammar: Grammar) -> Policy {
    let parsed = Policy::parse(document, grammar);
    assert!(parsed.is_ok(), "{parsed:?}: {document}");
    parsed.unwrap()
}

fn optional(document: &Json, grammar: Grammar) -> Option<Policy> {
    (!document.is_null()).then(|| parse(&document.to_string(), grammar))
}

fn policies(named: &Json, grammar: Grammar) -> Vec<Policy> {
    let named = named.as_array().into_iter().flatten();
    named
        .filter_map(|one| optional(&one["policy"], grammar))
        .collect()
}

fn levels(levels: &Json, grammar: Grammar) -> Vec<Vec<Policy>> {
    let levels = levels.as_array().into_iter().flatten();
    levels
        .map(|level| policies(&level["policies"], grammar))
        .collect()
}

fn attached(policy: &Policy) -> Attached<'_> {
    Attached { name: "p", policy }
}

fn list(policies: &[Policy]) -> Vec<Attached<'_>> {
    policies.iter().map(attached).collect()
}

fn lists(levels: &[Vec<Policy>]) -> Vec<Vec<Attached<'_>>> {
    levels.iter().map(|level| list(level)).collect()
}
