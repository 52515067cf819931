//! The smallest statements that would allow a request.

use base::{AccountId, Arn, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::name_of;
use crate::decide::decide;
use crate::denial::{Decision, Denial, PolicyType};
use crate::grammar::Grammar;
use crate::permission::{Resource, ResourcePolicy};
use crate::policy::Policy;
use crate::principal::{Principal, PrincipalKind};
use crate::request::{Attached, Policies, Request};

/// A statement that is missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// The kind of policy it belongs in; for policies of an organization, on every level that does not allow yet.
    pub policy_type: PolicyType,
    /// The statement, for a policy of version 2012-10-17: exactly this principal, action and resource.
    pub statement: Value,
}

/// Adds one statement after another until the engine allows the request.
pub(super) fn suggest(request: &Request<'_>, policies: &Policies<'_>) -> Vec<Suggestion> {
    let mut added: Vec<(PolicyType, Policy)> = Vec::new();
    let mut suggested = Vec::new();
    loop {
        let missing = match missing(request, policies, &added) {
            Missing::Nothing => return suggested,
            Missing::Cannot => return Vec::new(),
            Missing::Type(missing) => missing,
        };
        let again = added.iter().any(|(known, _)| *known == missing);
        let statement = statement(request, missing);
        let document = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        match Policy::parse(&document, grammar(request, missing)) {
            Ok(policy) if !again => added.push((missing, policy)),
            _ => return Vec::new(),
        }
        suggested.push(Suggestion {
            policy_type: missing,
            statement,
        });
    }
}

enum Missing {
    Nothing,
    /// No statement helps.
    Cannot,
    Type(PolicyType),
}

/// What the request lacks once the statements of `added` stand where they belong. A policy of which there is one may
/// be replaced by its addition: it neither denied nor allowed.
fn missing(
    request: &Request<'_>,
    policies: &Policies<'_>,
    added: &[(PolicyType, Policy)],
) -> Missing {
    let addition = |kind| addition(added, kind);
    let identity = more(policies.identity, addition(PolicyType::Identity));
    let session = more(
        policies.session.unwrap_or_default(),
        addition(PolicyType::Session),
    );
    let limited = policies.session.is_some() || addition(PolicyType::Session).is_some();
    let service_control = levels(
        policies.service_control,
        addition(PolicyType::ServiceControl),
    );
    let resource_control = levels(
        policies.resource_control,
        addition(PolicyType::ResourceControl),
    );
    let service_control: Vec<_> = service_control.iter().map(Vec::as_slice).collect();
    let resource_control: Vec<_> = resource_control.iter().map(Vec::as_slice).collect();
    let amended = amended(request, added);
    let resource = amended.as_ref().map(|amended| amended as &dyn Resource);
    let request = Request {
        resource: resource.or(request.resource),
        ..*request
    };
    let policies = Policies {
        identity: &identity,
        boundary: addition(PolicyType::Boundary).or(policies.boundary),
        session: limited.then_some(&session),
        service_control: &service_control,
        resource_control: &resource_control,
        endpoint: addition(PolicyType::Endpoint).or(policies.endpoint),
        ..*policies
    };
    match decide(&request, &policies) {
        Decision::Allowed { .. } => Missing::Nothing,
        Decision::Denied(Denial::Explicit(_)) => Missing::Cannot,
        Decision::Denied(Denial::Implicit(missing)) => Missing::Type(missing),
    }
}

fn addition(added: &[(PolicyType, Policy)], kind: PolicyType) -> Option<Attached<'_>> {
    let found = added.iter().find(|(added, _)| *added == kind);
    found.map(|(_, policy)| Attached { name: "", policy })
}

fn more<'a>(list: &[Attached<'a>], addition: Option<Attached<'a>>) -> Vec<Attached<'a>> {
    list.iter().copied().chain(addition).collect()
}

fn levels<'a>(
    levels: &[&[Attached<'a>]],
    addition: Option<Attached<'a>>,
) -> Vec<Vec<Attached<'a>>> {
    levels.iter().map(|list| more(list, addition)).collect()
}

/// The resource with the statement that was added to its policy, if one was and it can have a policy.
fn amended(request: &Request<'_>, added: &[(PolicyType, Policy)]) -> Option<Amended> {
    let resource = request.resource?;
    let on_resource = |kind: &PolicyType| matches!(kind, PolicyType::Resource | PolicyType::Trust);
    let (kind, _) = added.iter().find(|(kind, _)| on_resource(kind))?;
    let kept = match resource.policy() {
        ResourcePolicy::None => return None,
        ResourcePolicy::Ordinary(_) => Kept::Ordinary,
        ResourcePolicy::Key(_) => Kept::Key,
        ResourcePolicy::Trust(_) => Kept::Trust,
    };
    let statement = statement(request, *kind);
    let document = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    Some(Amended {
        arn: resource.arn().clone(),
        account: resource.account(),
        tags: resource.tags().clone(),
        kept,
        policy: Policy::parse(&document, grammar(request, *kind)).ok()?,
    })
}

#[derive(Clone, Copy)]
enum Kept {
    Ordinary,
    Key,
    Trust,
}

struct Amended {
    arn: Arn,
    account: AccountId,
    tags: Tags,
    kept: Kept,
    policy: Policy,
}

impl Resource for Amended {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        match self.kept {
            Kept::Ordinary => ResourcePolicy::Ordinary(Some(&self.policy)),
            Kept::Key => ResourcePolicy::Key(&self.policy),
            Kept::Trust => ResourcePolicy::Trust(&self.policy),
        }
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

fn grammar(request: &Request<'_>, kind: PolicyType) -> Grammar {
    match kind {
        PolicyType::Identity => Grammar::Identity,
        PolicyType::Resource | PolicyType::Grant if is_key(request) => Grammar::Key,
        PolicyType::Resource
        | PolicyType::Endpoint
        | PolicyType::Grant
        | PolicyType::AccessControlList => Grammar::Resource,
        PolicyType::Trust => Grammar::Trust,
        PolicyType::Boundary => Grammar::Boundary,
        PolicyType::Session => Grammar::Session,
        PolicyType::ServiceControl => Grammar::ServiceControl,
        PolicyType::ResourceControl => Grammar::ResourceControl,
    }
}

fn is_key(request: &Request<'_>) -> bool {
    let policy = request.resource.map(|resource| resource.policy());
    matches!(policy, Some(ResourcePolicy::Key(_)))
}

fn statement(request: &Request<'_>, kind: PolicyType) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": request.action});
    let Some(members) = statement.as_object_mut() else {
        return statement;
    };
    match kind {
        PolicyType::Resource | PolicyType::Trust | PolicyType::Endpoint => {
            members.insert("Principal".to_owned(), principal(&request.principal));
        }
        PolicyType::ResourceControl => {
            members.insert("Principal".to_owned(), json!("*"));
        }
        _ => {}
    }
    if kind != PolicyType::Trust {
        // AWS: in a key policy `*` is the key.
        let whole = kind == PolicyType::Resource && is_key(request);
        let arn = request.resource.filter(|_| !whole);
        let pattern = arn.map(|resource| literal(resource.arn().as_str()));
        members.insert(
            "Resource".to_owned(),
            json!(pattern.as_deref().unwrap_or("*")),
        );
    }
    statement
}

/// The caller; for a role session, the role.
fn principal(principal: &Principal<'_>) -> Value {
    match principal.kind {
        PrincipalKind::AssumedRole { role_arn, .. } => json!({"AWS": role_arn}),
        PrincipalKind::Service(name) => json!({"Service": name}),
        PrincipalKind::Anonymous => json!("*"),
        _ => json!({"AWS": name_of(principal)}),
    }
}

/// A pattern that only this text matches.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' | '?' | '$' => pattern.extend(['$', '{', c, '}']),
            other => pattern.push(other),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_taken_for_themselves() {
        for (text, expected) in [
            ("arn:aws:s3:::b/x", "arn:aws:s3:::b/x"),
            ("arn:aws:s3:::b/*?", "arn:aws:s3:::b/${*}${?}"),
            ("arn:aws:s3:::b/${a}", "arn:aws:s3:::b/${$}{a}"),
        ] {
            assert_eq!(literal(text), expected);
        }
    }
}
