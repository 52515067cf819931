//! The decision: every policy type together.

use std::sync::Arc;

use crate::action::Action;
use crate::denial::{Decision, Denial, Matched, PolicyType};
use crate::grant::Grant;
use crate::permission::ResourcePolicy;
use crate::policy::{Policy, Verdict};
use crate::principal::PrincipalKind;
use crate::principal_element::Reach;
use crate::request::{Attached, Policies, Request};
use crate::resource_element::Target;
use crate::statement::Circumstances;

/// Decides one request. Allocates nothing, takes no lock.
///
/// - A `Deny` that applies in any policy decides.
/// - Resource control policies, service control policies and the VPC endpoint's policy must allow,
///   where there are any.
/// - Within an account it suffices that the resource's policy names the caller itself; where it
///   names the role behind a session, boundary and session policies limit that. Otherwise identity
///   policies must allow, within boundary and session policies. A KMS key's policy must allow at
///   least the account, and so must a role's trust policy for actions of `sts`.
/// - Across accounts the resource's policy must allow the caller or its account, and the caller's
///   own policies must allow too.
/// - A grant on the resource permits by itself, see [`Policies::grants`].
/// - To the root user no identity policy is needed. Services and callers without credentials need
///   the resource's policy.
///
/// Source: IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic";
/// AWS KMS Developer Guide, "Key policies in AWS KMS".
///
/// ```
/// use policy::{Attached, ConditionKey, Context, Grammar, NamedResource, Policies, Policy};
/// use policy::{Principal, PrincipalKind, Request, Value, decide};
///
/// struct Nothing;
/// impl Context for Nothing {
///     fn values(&self, _: &ConditionKey, _: &mut dyn FnMut(Value<'_>)) -> bool {
///         false
///     }
/// }
///
/// let document = r#"{
///     "Version": "2012-10-17",
///     "Statement": {"Effect": "Allow", "Action": "sqs:Send*", "Resource": "arn:aws:sqs:*:*:jobs"}
/// }"#;
/// let send = Policy::parse(document, Grammar::Identity).unwrap();
/// let account = "111122223333".parse().unwrap();
/// let user = "arn:aws:iam::111122223333:user/ann";
/// let queue = "arn:aws:sqs:us-east-1:111122223333:jobs";
/// let resource = NamedResource::new(queue.parse().unwrap(), account);
/// let ask = |action| Request {
///     principal: Principal { account, kind: PrincipalKind::User { arn: user, id: "AIDAEXAMPLE" } },
///     action,
///     resource: Some(&resource),
///     context: &Nothing,
/// };
/// let attached = [Attached { name: "send", policy: &send }];
/// let policies = Policies { identity: &attached, ..Policies::default() };
///
/// assert!(decide(&ask("sqs:SendMessage"), &policies).is_allowed());
/// let denial = decide(&ask("sqs:PurgeQueue"), &policies).denial().unwrap();
/// assert_eq!(
///     denial.message(user, "sqs:PurgeQueue", queue),
///     "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: sqs:PurgeQueue \
///      on resource: arn:aws:sqs:us-east-1:111122223333:jobs \
///      because no identity-based policy allows the sqs:PurgeQueue action"
/// );
/// ```
pub fn decide<'a>(request: &Request<'a>, policies: &Policies<'a>) -> Decision<'a> {
    let weighed = Weighed::weigh(request, policies);
    match weighed.explicit() {
        Some(matched) => Decision::Denied(Denial::Explicit(matched)),
        None => match weighed.implicit(request) {
            Some(policy_type) => Decision::Denied(Denial::Implicit(policy_type)),
            None => Decision::Allowed {
                by: weighed.allowed_by(request),
            },
        },
    }
}

/// What the policies of one type say.
#[derive(Clone, Copy, Default)]
struct Say<'a> {
    deny: Option<Matched<'a>>,
    allow: Option<(Reach, Matched<'a>)>,
}

impl<'a> Say<'a> {
    fn reach(&self) -> Option<Reach> {
        self.allow.map(|(reach, _)| reach)
    }

    /// Both must allow.
    fn both(self, other: Self) -> Self {
        Self {
            deny: self.deny.or(other.deny),
            allow: self.allow.and(other.allow),
        }
    }
}

/// What every type of policy says to one request. `None`: nothing of this type limits it.
struct Weighed<'a> {
    resource_control: Option<Say<'a>>,
    service_control: Option<Say<'a>>,
    endpoint: Option<Say<'a>>,
    /// Its type, and whether identity policies count only where it allows.
    resource_policy: (PolicyType, bool),
    resource: Say<'a>,
    grants: Say<'a>,
    identity: Say<'a>,
    boundary: Option<Say<'a>>,
    session: Option<Say<'a>>,
}

/// What every policy is evaluated against.
struct Asked<'a> {
    action: Action<'a>,
    circumstances: Circumstances<'a>,
}

impl<'a> Asked<'a> {
    fn policy(&self, policy_type: PolicyType, attached: Attached<'a>) -> Say<'a> {
        let mut say = Say::default();
        self.add(&mut say, policy_type, attached);
        say
    }

    /// Any of the policies suffices to allow.
    fn list(&self, policy_type: PolicyType, list: &'a [Attached<'a>]) -> Say<'a> {
        let mut say = Say::default();
        for attached in list {
            self.add(&mut say, policy_type, *attached);
        }
        say
    }

    /// Most policies say nothing: then there is nothing to copy.
    fn add(&self, say: &mut Say<'a>, policy_type: PolicyType, attached: Attached<'a>) {
        let Verdict { deny, allow } = attached.policy.evaluate(self.action, &self.circumstances);
        let matched = |index| {
            Some(Matched {
                policy_type,
                policy: attached.name,
                index,
                statement: attached.policy.statements().get(index)?,
            })
        };
        if let (None, Some(index)) = (&say.deny, deny) {
            say.deny = matched(index);
        }
        if let Some((reach, index)) = allow
            && say.reach() < Some(reach)
        {
            say.allow = matched(index).map(|matched| (reach, matched));
        }
    }

    /// What is permitted on the resource beside its policy.
    fn grants(&self, say: &mut Say<'a>, policy_type: PolicyType, grants: &'a [Arc<Grant>]) {
        for grant in grants {
            let attached = Attached {
                name: grant.id(),
                policy: grant.policy(),
            };
            self.add(say, policy_type, attached);
        }
    }

    fn levels(&self, policy_type: PolicyType, levels: &'a [&'a [Attached<'a>]]) -> Option<Say<'a>> {
        levels
            .iter()
            .map(|list| self.list(policy_type, list))
            .reduce(Say::both)
    }

    /// AWS: a policy without principals on a resource is about nobody.
    fn on_resource(&self, policy_type: PolicyType, policy: Option<&'a Policy>) -> Say<'a> {
        let Some(policy) = policy else {
            return Say::default();
        };
        let say = self.policy(policy_type, Attached { name: "", policy });
        Say {
            deny: say.deny,
            allow: say
                .allow
                .filter(|(_, matched)| !matched.statement.names_no_principal()),
        }
    }
}

impl<'a> Weighed<'a> {
    fn weigh(request: &Request<'a>, policies: &Policies<'a>) -> Self {
        let arn = request.resource.map(|resource| resource.arn().as_str());
        let action = Action::new(request.action);
        let circumstances = Circumstances {
            principal: request.principal,
            bounded: policies.boundary.is_some(),
            target: Target::new(arn),
            context: request.context,
        };
        let asked = Asked {
            action,
            circumstances,
        };
        let (policy_type, decisive, on_resource) = resource_policy(request, &action);
        let mut resource = asked.on_resource(policy_type, on_resource);
        let listed = PolicyType::AccessControlList;
        asked.grants(&mut resource, listed, policies.access_control_list);
        let mut grants = Say::default();
        asked.grants(&mut grants, PolicyType::Grant, policies.grants);
        let endpoint = policies.endpoint;
        let boundary = policies.boundary;
        Self {
            resource_control: asked.levels(PolicyType::ResourceControl, policies.resource_control),
            service_control: asked.levels(PolicyType::ServiceControl, policies.service_control),
            endpoint: endpoint.map(|policy| asked.policy(PolicyType::Endpoint, policy)),
            resource_policy: (policy_type, decisive),
            resource,
            grants,
            identity: asked.list(PolicyType::Identity, policies.identity),
            boundary: boundary.map(|policy| asked.policy(PolicyType::Boundary, policy)),
            session: session_policies(request, policies)
                .map(|list| asked.list(PolicyType::Session, list)),
        }
    }

    fn explicit(&self) -> Option<Matched<'a>> {
        let limit = |say: &Option<Say<'a>>| say.and_then(|say| say.deny);
        limit(&self.resource_control)
            .or_else(|| limit(&self.service_control))
            .or_else(|| limit(&self.endpoint))
            .or(self.resource.deny)
            .or(self.identity.deny)
            .or_else(|| limit(&self.boundary))
            .or_else(|| limit(&self.session))
    }

    /// The type of policy for whose lack of an `Allow` the request is denied.
    fn implicit(&self, request: &Request<'_>) -> Option<PolicyType> {
        if !allows(&self.resource_control) {
            return Some(PolicyType::ResourceControl);
        }
        if !allows(&self.service_control) {
            return Some(PolicyType::ServiceControl);
        }
        if !allows(&self.endpoint) {
            return Some(PolicyType::Endpoint);
        }
        let (policy_type, decisive) = self.resource_policy;
        let granted = self.resource.reach().max(self.grants.reach());
        let anonymous = matches!(
            request.principal.kind,
            PrincipalKind::Service(_) | PrincipalKind::Anonymous
        );
        let at_home = is_same_account(request);
        if granted.is_none() && (decisive || anonymous || !at_home) {
            return Some(policy_type);
        }
        if anonymous || (at_home && granted == Some(Reach::Direct)) {
            return None;
        }
        let suffices = (at_home && granted == Some(Reach::Entity)) || self.is_granted();
        self.limited_by(request, suffices)
    }

    /// Whether a grant reaches the caller itself or the role behind it, not only its account.
    fn is_granted(&self) -> bool {
        self.grants.reach() > Some(Reach::Account)
    }

    fn limited_by(&self, request: &Request<'_>, granted: bool) -> Option<PolicyType> {
        if !granted && self.identity.allow.is_none() && !is_root(&request.principal.kind) {
            return Some(PolicyType::Identity);
        }
        if !allows(&self.boundary) {
            return Some(PolicyType::Boundary);
        }
        if !allows(&self.session) {
            return Some(PolicyType::Session);
        }
        None
    }

    /// The statement that granted what was allowed.
    fn allowed_by(&self, request: &Request<'_>) -> Option<Matched<'a>> {
        let direct = |say: &Say<'a>| say.allow.filter(|(reach, _)| *reach > Reach::Account);
        let (on_resource, granted) = (direct(&self.resource), direct(&self.grants));
        let identity = self.identity.allow;
        let first = match is_same_account(request) {
            true => on_resource.or(granted).or(identity),
            false if self.resource.allow.is_some() => identity.or(granted).or(on_resource),
            false => granted.or(identity),
        };
        let left = self.resource.allow.or(self.grants.allow);
        first.or(left).map(|(_, matched)| matched)
    }
}

fn allows(limit: &Option<Say<'_>>) -> bool {
    limit.is_none_or(|say| say.allow.is_some())
}

/// No resource is `*` in the caller's account.
fn is_same_account(request: &Request<'_>) -> bool {
    request
        .resource
        .is_none_or(|resource| resource.account() == request.principal.account)
}

/// The root user, or a federated session it has issued: all is allowed on the identity's side.
fn is_root(kind: &PrincipalKind<'_>) -> bool {
    match kind {
        PrincipalKind::Root => true,
        PrincipalKind::FederatedUser { issuer_arn, .. } => issuer_arn.ends_with(":root"),
        _ => false,
    }
}

/// AWS: a federated session without session policies may nothing.
pub(crate) fn session_policies<'a>(
    request: &Request<'_>,
    policies: &Policies<'a>,
) -> Option<&'a [Attached<'a>]> {
    let federated = matches!(request.principal.kind, PrincipalKind::FederatedUser { .. });
    match policies.session {
        None if federated => Some(&[]),
        given => given,
    }
}

/// The resource's policy, its type, and whether nothing goes without it. A role's trust policy has
/// a say in the actions of STS alone, not in those of IAM on the role.
pub(crate) fn resource_policy<'a>(
    request: &Request<'a>,
    action: &Action<'_>,
) -> (PolicyType, bool, Option<&'a Policy>) {
    match request.resource.map(|resource| resource.policy()) {
        Some(ResourcePolicy::Ordinary(policy)) => (PolicyType::Resource, false, policy),
        Some(ResourcePolicy::Key(policy)) => (PolicyType::Resource, true, Some(policy)),
        Some(ResourcePolicy::Trust(policy)) if action.is_of("sts") => {
            (PolicyType::Trust, true, Some(policy))
        }
        Some(ResourcePolicy::Trust(_) | ResourcePolicy::None) | None => {
            (PolicyType::Resource, false, None)
        }
    }
}
