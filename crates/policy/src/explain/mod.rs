//! Why a request is allowed or denied: every policy considered, and what each lacked.

mod compared;
mod suggestion;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::decide::{decide, resource_policy, session_policies};
use crate::denial::{Decision, Matched, PolicyType};
use crate::grant::Grant;
use crate::policy::Policy;
use crate::principal::{Principal, PrincipalKind};
use crate::principal_element::Reach;
use crate::request::{Attached, Policies, Request};
use crate::resource_element::Target;
use crate::span::Span;
use crate::statement::{Circumstances, Effect, Statement};

pub use compared::Compared;
pub use suggestion::Suggestion;

/// A decision with its reasons. Its JSON has members in camel case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// ARN of who asks, name of the service, or `anonymous`.
    pub principal: String,
    /// What is asked.
    pub action: String,
    /// ARN of what it is asked on; none for actions that know no resource.
    pub resource: Option<String>,
    /// The decision.
    pub outcome: Outcome,
    /// The type of the policy that denied or did not allow.
    pub denied_by: Option<PolicyType>,
    /// AWS's message, if denied.
    pub message: Option<String>,
    /// The statement that decided: a `Deny`, or the `Allow` that granted. None where no statement did.
    pub decided: Option<Decided>,
    /// Every policy that has a say, in the order of evaluation.
    pub policies: Vec<Considered>,
    /// The statements that would together allow the request, one a type of policy; none where it is allowed, where a
    /// `Deny` decides, and where no policy can.
    pub suggestion: Vec<Suggestion>,
}

/// The decision, in the words of `iam:SimulatePrincipalPolicy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It may go on.
    Allowed,
    /// A `Deny` applies.
    ExplicitDeny,
    /// No `Allow` applies where one must.
    ImplicitDeny,
}

/// Where the statement that decided stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// Place in `Explanation::policies`, from 0.
    pub policy: usize,
    /// Place of the statement in the policy, from 0.
    pub statement: usize,
}

/// One policy, and what it says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Considered {
    /// Its kind.
    pub policy_type: PolicyType,
    /// Name or ARN, or a grant's id; empty for the resource's own.
    pub name: String,
    /// The level of the organization it hangs on, from the root's 0.
    pub level: Option<usize>,
    /// What it says to the request.
    pub says: Says,
    /// How many statements it has.
    pub length: usize,
    /// The statements that apply or nearly do: of the action, or right in all but an action of the same service.
    pub statements: Vec<Weighed>,
}

/// What a policy says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Says {
    /// A `Deny` applies.
    Denies,
    /// An `Allow` applies.
    Allows,
    /// It allows the caller's account, which gives the permission on by identity policies.
    Delegates,
    /// No statement applies.
    Nothing,
}

/// One statement against the request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Weighed {
    /// Place in the policy, from 0.
    pub index: usize,
    /// Its id.
    pub sid: Option<String>,
    /// What it does where it applies.
    pub effect: Effect,
    /// Whether it applies: whether everything compared fits.
    pub applies: bool,
    /// Where it stands in the document.
    pub span: Span,
    /// What stands there.
    pub source: String,
    /// Its elements against the request.
    pub compared: Vec<Compared>,
}

/// Explains what [`decide`] decides. Not for the hot path: it allocates.
///
/// ```
/// use policy::{Attached, ConditionKey, Context, Grammar, NamedResource, Outcome, Policies};
/// use policy::{Policy, Principal, PrincipalKind, Request, Value, explain};
///
/// struct Nothing;
/// impl Context for Nothing {
///     fn values(&self, _: &ConditionKey, _: &mut dyn FnMut(Value<'_>)) -> bool {
///         false
///     }
/// }
///
/// let document = r#"{"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}}"#;
/// let send = Policy::parse(document, Grammar::Identity).unwrap();
/// let account = "111122223333".parse().unwrap();
/// let arn = "arn:aws:iam::111122223333:user/ann";
/// let queue = "arn:aws:sqs:us-east-1:111122223333:jobs".parse().unwrap();
/// let request = Request {
///     principal: Principal { account, kind: PrincipalKind::User { arn, id: "AIDAEXAMPLE" } },
///     action: "sqs:PurgeQueue",
///     resource: Some(&NamedResource::new(queue, account)),
///     context: &Nothing,
/// };
/// let attached = [Attached { name: "send", policy: &send }];
/// let policies = Policies { identity: &attached, ..Policies::default() };
///
/// let explanation = explain(&request, &policies);
/// assert_eq!(explanation.outcome, Outcome::ImplicitDeny);
/// let near = &explanation.policies[0].statements[0];
/// let missed = near.compared.iter().find(|compared| !compared.fits).unwrap();
/// assert_eq!((missed.element.as_str(), missed.wanted[0].as_str()), ("Action", "sqs:SendMessage"));
/// assert_eq!(explanation.suggestion[0].statement["Action"], "sqs:PurgeQueue");
/// ```
pub fn explain(request: &Request<'_>, policies: &Policies<'_>) -> Explanation {
    let decision = decide(request, policies);
    let considered = consider(request, policies);
    let resource = request.resource.map(|resource| resource.arn().to_string());
    let principal = name_of(&request.principal);
    let denial = decision.denial();
    let matched = match decision {
        Decision::Allowed { by } => by,
        Decision::Denied(denial) => denial.statement(),
    };
    let shown = resource.as_deref().unwrap_or("*");
    Explanation {
        outcome: match denial {
            None => Outcome::Allowed,
            Some(denial) if denial.is_explicit() => Outcome::ExplicitDeny,
            Some(_) => Outcome::ImplicitDeny,
        },
        denied_by: denial.map(|denial| denial.policy_type()),
        message: denial.map(|denial| denial.message(&principal, request.action, shown)),
        decided: matched.and_then(|matched| place(&considered, &matched)),
        suggestion: suggestion::suggest(request, policies),
        policies: considered.into_iter().map(|(_, shown)| shown).collect(),
        principal,
        action: request.action.to_owned(),
        resource,
    }
}

type Listed<'a> = (PolicyType, Option<usize>, Attached<'a>);

fn consider<'a>(request: &Request<'a>, policies: &Policies<'a>) -> Vec<(&'a Policy, Considered)> {
    let action = Action::new(request.action);
    let arn = request.resource.map(|resource| resource.arn().as_str());
    let to = Circumstances {
        principal: request.principal,
        bounded: policies.boundary.is_some(),
        target: Target::new(arn),
        context: request.context,
    };
    let listed = list(request, policies, &action);
    let weighed = listed.into_iter().map(|(policy_type, level, attached)| {
        let policy = attached.policy;
        let on_resource = policy_type.is_on_resource();
        let matching: Vec<usize> = policy.of_action(action).collect();
        let asked = compared::Asked {
            action: request.action,
            arn: arn.unwrap_or("*"),
            to,
            on_resource,
        };
        let considered = Considered {
            policy_type,
            name: attached.name.to_owned(),
            level,
            says: says(policy, &matching, &asked),
            length: policy.statements().len(),
            statements: near(policy, &matching, &asked),
        };
        (policy, considered)
    });
    weighed.collect()
}

/// Every policy that has a say, in the order in which `decide` looks for a `Deny`.
fn list<'a>(
    request: &Request<'a>,
    policies: &Policies<'a>,
    action: &Action<'_>,
) -> Vec<Listed<'a>> {
    fn flat<'a>(
        kind: PolicyType,
        levels: &'a [&'a [Attached<'a>]],
    ) -> impl Iterator<Item = Listed<'a>> {
        let levels = levels.iter().enumerate();
        levels.flat_map(move |(level, list)| list.iter().map(move |p| (kind, Some(level), *p)))
    }
    let plain = |kind| move |attached| (kind, None, attached);
    let (kind, _, on_resource) = resource_policy(request, action);
    let on_resource = on_resource.map(|policy| Attached { name: "", policy });
    let session = session_policies(request, policies).unwrap_or_default();
    let granted = |kind, grants: &'a [Arc<Grant>]| {
        grants.iter().map(move |grant| {
            let (name, policy) = (grant.id(), grant.policy());
            (kind, None, Attached { name, policy })
        })
    };
    let listed = PolicyType::AccessControlList;
    flat(PolicyType::ResourceControl, policies.resource_control)
        .chain(flat(PolicyType::ServiceControl, policies.service_control))
        .chain(policies.endpoint.map(plain(PolicyType::Endpoint)))
        .chain(on_resource.map(plain(kind)))
        .chain(granted(listed, policies.access_control_list))
        .chain(granted(PolicyType::Grant, policies.grants))
        .chain(
            policies
                .identity
                .iter()
                .copied()
                .map(plain(PolicyType::Identity)),
        )
        .chain(policies.boundary.map(plain(PolicyType::Boundary)))
        .chain(session.iter().copied().map(plain(PolicyType::Session)))
        .collect()
}

fn says(policy: &Policy, matching: &[usize], asked: &compared::Asked<'_>) -> Says {
    let statements = matching
        .iter()
        .filter_map(|at| policy.statements().get(*at));
    let said =
        statements.filter_map(
            |statement| match (asked.grant(statement)?, statement.effect()) {
                (_, Effect::Deny) => Some(Says::Denies),
                (Reach::Account, _) => Some(Says::Delegates),
                (Reach::Entity | Reach::Direct, _) => Some(Says::Allows),
            },
        );
    said.min_by_key(|says| *says as u8).unwrap_or(Says::Nothing)
}

fn near(policy: &Policy, matching: &[usize], asked: &compared::Asked<'_>) -> Vec<Weighed> {
    let statements = policy.statements().iter().enumerate();
    let weighed = statements.filter_map(|(index, statement)| {
        let of_action = matching.contains(&index);
        let compared = asked.compare(statement, of_action);
        let misses = compared.iter().filter(|compared| !compared.fits).count();
        let near = of_action || (misses == 1 && of_service(statement, asked.action));
        near.then(|| Weighed {
            index,
            sid: statement.sid().map(str::to_owned),
            effect: statement.effect(),
            applies: misses == 0,
            span: statement.span(),
            source: statement.span().of(policy.text()).to_owned(),
            compared,
        })
    });
    weighed.collect()
}

/// Whether a statement names actions of the service of `action`.
fn of_service(statement: &Statement, action: &str) -> bool {
    let service = |text: &str| {
        text.split(':')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    statement
        .actions()
        .any(|named| service(named) == service(action))
}

fn place(considered: &[(&Policy, Considered)], matched: &Matched<'_>) -> Option<Decided> {
    let holds = |policy: &Policy| {
        let statement = policy.statements().get(matched.index);
        statement.is_some_and(|statement| std::ptr::eq(statement, matched.statement))
    };
    let mut all = considered.iter();
    let policy =
        all.position(|(policy, shown)| shown.policy_type == matched.policy_type && holds(policy))?;
    Some(Decided {
        policy,
        statement: matched.index,
    })
}

fn name_of(principal: &Principal<'_>) -> String {
    match principal.kind {
        PrincipalKind::Root => format!("arn:aws:iam::{}:root", principal.account),
        PrincipalKind::User { arn, .. } | PrincipalKind::FederatedUser { arn, .. } => {
            arn.to_owned()
        }
        PrincipalKind::AssumedRole { session_arn, .. } => session_arn.to_owned(),
        PrincipalKind::Service(name) => name.to_owned(),
        PrincipalKind::Anonymous => "anonymous".to_owned(),
    }
}
