//! `explain` tells the same as `decide`, on random scenes, and what it suggests is enough.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use base::{AccountId, Arn, Tags};
use policy::{
    Attached, ConditionKey, Context, Decision, Effect, Explanation, Grammar, Grant, Grantee,
    Outcome, Policies, Policy, PolicyType, Principal, PrincipalKind, Request, Resource,
    ResourcePolicy, Says, Terms, Value, decide, explain,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};

const HOME: &str = "111111111111";
const AWAY: &str = "222222222222";
const USER: &str = "arn:aws:iam::111111111111:user/ann";
const ROLE: &str = "arn:aws:iam::111111111111:role/dev";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Plain,
    Ordinary,
    Key,
    Trust,
}

/// Documents as JSON, so that a suggestion can be written into them.
#[derive(Clone, Debug)]
struct Scene {
    caller: &'static str,
    kind: Kind,
    owner: &'static str,
    names_resource: bool,
    on_resource: Vec<Json>,
    identity: Vec<Vec<Json>>,
    boundary: Option<Vec<Json>>,
    session: Option<Vec<Vec<Json>>>,
    service_control: Vec<Vec<Json>>,
    resource_control: Vec<Vec<Json>>,
    endpoint: Option<Vec<Json>>,
    /// To whom of `AWS` there are grants, and entries of the access control list.
    grants: Vec<&'static str>,
    listed: Vec<&'static str>,
}

struct Named;

impl Context for Named {
    fn values(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let known = key.name() == "aws:username";
        if known {
            each(Value::Text("ann"));
        }
        known
    }
}

struct Thing {
    arn: Arn,
    account: AccountId,
    kind: Kind,
    policy: Policy,
    tags: Tags,
}

impl Resource for Thing {
    fn arn(&self) -> &Arn {
        &self.arn
    }
    fn account(&self) -> AccountId {
        self.account
    }
    fn policy(&self) -> ResourcePolicy<'_> {
        match self.kind {
            Kind::Plain => ResourcePolicy::None,
            Kind::Ordinary => ResourcePolicy::Ordinary(Some(&self.policy)),
            Kind::Key => ResourcePolicy::Key(&self.policy),
            Kind::Trust => ResourcePolicy::Trust(&self.policy),
        }
    }
    fn tags(&self) -> &Tags {
        &self.tags
    }
}

fn parse(statements: &[Json], grammar: Grammar) -> Policy {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    Policy::parse(&serde_json::to_string_pretty(&document).unwrap(), grammar).unwrap()
}

fn attached(policies: &[Policy]) -> Vec<Attached<'_>> {
    let named = policies.iter();
    named.map(|policy| Attached { name: "p", policy }).collect()
}

impl Scene {
    fn action(&self) -> &'static str {
        match self.kind {
            Kind::Trust => "sts:AssumeRole",
            _ => "kms:Encrypt",
        }
    }

    fn thing(&self) -> Thing {
        let (arn, grammar) = match self.kind {
            Kind::Trust => (
                format!("arn:aws:iam::{}:role/r", self.owner),
                Grammar::Trust,
            ),
            Kind::Key => (format!("arn:aws:kms:r:{}:key/*", self.owner), Grammar::Key),
            _ => (
                format!("arn:aws:kms:r:{}:key/*", self.owner),
                Grammar::Resource,
            ),
        };
        Thing {
            arn: arn.parse().unwrap(),
            account: self.owner.parse().unwrap(),
            kind: self.kind,
            policy: parse(&self.on_resource, grammar),
            tags: Tags::default(),
        }
    }

    fn principal(&self) -> Principal<'static> {
        let kind = match self.caller {
            "root" => PrincipalKind::Root,
            "user" => PrincipalKind::User {
                arn: USER,
                id: "AIDAANNANNANNANNANN",
            },
            "session" => PrincipalKind::AssumedRole {
                role_arn: ROLE,
                role_id: "AROADEVDEVDEVDEVDEV",
                session_arn: "arn:aws:sts::111111111111:assumed-role/dev/one",
            },
            "federated" => PrincipalKind::FederatedUser {
                arn: "arn:aws:sts::111111111111:federated-user/fay",
                issuer_arn: USER,
                issuer_id: Some("AIDAANNANNANNANNANN"),
            },
            "service" => PrincipalKind::Service("lambda.amazonaws.com"),
            _ => PrincipalKind::Anonymous,
        };
        Principal {
            account: HOME.parse().unwrap(),
            kind,
        }
    }

    fn granted(&self, grantees: &[&str]) -> Vec<Arc<Grant>> {
        let terms = [Terms {
            actions: &[self.action()],
            constraints: &[],
        }];
        let grants = grantees.iter().map(|name| {
            let grantee = Grantee::Aws { name, id: None };
            Arc::new(Grant::new(name, grantee, &terms).unwrap())
        });
        grants.collect()
    }

    fn asked<T>(&self, then: impl FnOnce(&Request<'_>, &Policies<'_>) -> T) -> T {
        let thing = self.thing();
        let all = |list: &[Vec<Json>], grammar| -> Vec<Policy> {
            list.iter()
                .map(|statements| parse(statements, grammar))
                .collect()
        };
        let identity = all(&self.identity, Grammar::Identity);
        let session = self
            .session
            .as_ref()
            .map(|list| all(list, Grammar::Session));
        let session = session.as_deref().map(attached);
        let boundary = self
            .boundary
            .as_ref()
            .map(|list| parse(list, Grammar::Boundary));
        let endpoint = self
            .endpoint
            .as_ref()
            .map(|list| parse(list, Grammar::Resource));
        let service_control = all(&self.service_control, Grammar::ServiceControl);
        let service_control = attached(&service_control);
        let service_control: Vec<_> = service_control.chunks(1).collect();
        // AWS's own `RCPFullAWSAccess` allows; customers' may only deny.
        let resource_control = all(&self.resource_control, Grammar::Resource);
        let resource_control = attached(&resource_control);
        let resource_control: Vec<_> = resource_control.chunks(1).collect();
        let request = Request {
            principal: self.principal(),
            action: self.action(),
            resource: self.names_resource.then_some(&thing as &dyn Resource),
            context: &Named,
        };
        let policies = Policies {
            identity: &attached(&identity),
            boundary: boundary
                .as_ref()
                .map(|policy| Attached { name: "b", policy }),
            session: session.as_deref(),
            service_control: &service_control,
            resource_control: &resource_control,
            endpoint: endpoint
                .as_ref()
                .map(|policy| Attached { name: "e", policy }),
            grants: &self.granted(&self.grants),
            access_control_list: &self.granted(&self.listed),
        };
        then(&request, &policies)
    }

    /// With the statements of `explanation` written into the documents they belong in.
    fn amended(mut self, explanation: &Explanation) -> Self {
        for suggestion in &explanation.suggestion {
            let statement = suggestion.statement.clone();
            match suggestion.policy_type {
                PolicyType::Identity => self.identity.push(vec![statement]),
                PolicyType::Resource | PolicyType::Trust => self.on_resource.push(statement),
                PolicyType::Boundary => self.boundary.as_mut().unwrap().push(statement),
                PolicyType::Endpoint => self.endpoint.as_mut().unwrap().push(statement),
                PolicyType::Session => {
                    self.session.get_or_insert_default().push(vec![statement]);
                }
                PolicyType::ServiceControl => {
                    let levels = self.service_control.iter_mut();
                    levels.for_each(|level| level.push(statement.clone()));
                }
                PolicyType::ResourceControl | PolicyType::Grant | PolicyType::AccessControlList => {
                    unreachable!()
                }
            }
        }
        self
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Attached,
    OnResource,
    Trust,
}

fn statement(form: Form) -> impl Strategy<Value = Json> {
    let element = |name: &'static str, values: &[Json]| {
        let name = prop_oneof![5 => Just(name.to_owned()), 1 => Just(format!("Not{name}"))];
        (name, select(values.to_vec()))
    };
    let actions = element(
        "Action",
        &["kms:Encrypt", "kms:*", "KMS:Dec*", "s3:*", "*"].map(|a| json!(a)),
    );
    let resources = [
        "*",
        "arn:aws:kms:*:111111111111:key/${*}",
        "arn:aws:s3:::b",
        "arn:aws:iam::*:role/${aws:username}",
    ];
    let resources = element("Resource", &resources.map(|r| json!([r])));
    let principals = element(
        "Principal",
        &[
            json!("*"),
            json!({"AWS": HOME}),
            json!({"AWS": [USER, AWAY]}),
            json!({"AWS": ROLE}),
            json!({"Service": "lambda.amazonaws.com"}),
        ],
    );
    let conditions = prop_oneof![
        4 => Just(Json::Null),
        1 => Just(json!({"StringEquals": {"aws:username": "ann"}})),
        1 => Just(json!({"StringNotLike": {"aws:UserName": ["a*", "b"]}})),
        1 => Just(json!({"Null": {"aws:none": "true"}, "Bool": {"aws:none": "true"}})),
    ];
    let effect = prop_oneof![7 => Just("Allow"), 1 => Just("Deny")];
    (effect, actions, resources, principals, conditions).prop_map(
        move |(effect, action, resource, principal, condition)| {
            let mut written = json!({"Effect": effect});
            match form {
                Form::Trust => written["Action"] = json!("sts:AssumeRole"),
                _ => {
                    written[action.0] = action.1;
                    written[resource.0] = resource.1;
                }
            }
            match form {
                Form::Attached => {}
                Form::Trust => written["Principal"] = principal.1,
                Form::OnResource => written[principal.0] = principal.1,
            }
            if !condition.is_null() {
                written["Condition"] = condition;
            }
            written
        },
    )
}

fn document(form: Form) -> impl Strategy<Value = Vec<Json>> {
    prop::collection::vec(statement(form), 1..4)
}

fn scene() -> impl Strategy<Value = Scene> {
    let several = |form| prop::collection::vec(document(form), 0..3);
    let kinds = vec![Kind::Plain, Kind::Ordinary, Kind::Key, Kind::Trust];
    let asked = (
        select(vec![
            "user",
            "user",
            "session",
            "session",
            "federated",
            "root",
            "service",
            "nobody",
        ]),
        select(kinds),
        prop::bool::weighted(0.9),
        prop::bool::weighted(0.7),
    );
    let policies = (
        document(Form::OnResource),
        document(Form::Trust),
        several(Form::Attached),
        prop::option::weighted(0.3, document(Form::Attached)),
        prop::option::weighted(0.4, several(Form::Attached)),
        several(Form::Attached),
        several(Form::OnResource),
        prop::option::weighted(0.2, document(Form::OnResource)),
    );
    let grantees = || {
        let one = prop::collection::vec(select(vec![USER, ROLE, HOME, AWAY]), 1..3);
        prop::option::weighted(0.15, one).prop_map(Option::unwrap_or_default)
    };
    let granted = (grantees(), grantees());
    (asked, policies, granted).prop_map(|(asked, policies, (grants, listed))| {
        let (caller, kind, names_resource, home) = asked;
        let (on_resource, trust, identity, boundary, session, above, below, endpoint) = policies;
        Scene {
            caller,
            kind,
            owner: if home { HOME } else { AWAY },
            names_resource,
            on_resource: if kind == Kind::Trust {
                trust
            } else {
                on_resource
            },
            identity,
            boundary,
            session,
            service_control: above,
            resource_control: below,
            endpoint,
            grants,
            listed,
        }
    })
}

/// The same decision for the same reasons.
fn agree(explanation: &Explanation, decision: Decision<'_>) {
    let by = match decision {
        Decision::Allowed { by } => by,
        Decision::Denied(denial) => denial.statement(),
    };
    let denial = decision.denial();
    let outcome = match denial {
        None => Outcome::Allowed,
        Some(denial) if denial.is_explicit() => Outcome::ExplicitDeny,
        Some(_) => Outcome::ImplicitDeny,
    };
    assert_eq!(explanation.outcome, outcome);
    assert_eq!(
        explanation.denied_by,
        denial.map(|denial| denial.policy_type())
    );
    assert_eq!(explanation.decided.is_some(), by.is_some());
    if let (Some(decided), Some(matched)) = (explanation.decided, by) {
        let policy = &explanation.policies[decided.policy];
        let statement = policy
            .statements
            .iter()
            .find(|s| s.index == decided.statement)
            .unwrap();
        assert_eq!(policy.policy_type, matched.policy_type);
        assert_eq!(decided.statement, matched.index);
        assert_eq!(statement.span, matched.statement.span());
        assert!(statement.applies);
    }
}

/// What is said of each policy follows from its statements, and the decision from what they say.
fn coherent(explanation: &Explanation) {
    for policy in &explanation.policies {
        for statement in &policy.statements {
            assert_eq!(
                statement.applies,
                statement.compared.iter().all(|compared| compared.fits)
            );
            assert!(!statement.source.is_empty());
        }
        let applies = |effect| {
            policy
                .statements
                .iter()
                .any(|s| s.applies && s.effect == effect)
        };
        assert_eq!(policy.says == Says::Denies, applies(Effect::Deny));
        let allows = matches!(policy.says, Says::Allows | Says::Delegates);
        assert_eq!(allows, !applies(Effect::Deny) && applies(Effect::Allow));
    }
    let denied = explanation
        .policies
        .iter()
        .position(|policy| policy.says == Says::Denies);
    match explanation.outcome {
        Outcome::ExplicitDeny => assert_eq!(explanation.decided.unwrap().policy, denied.unwrap()),
        Outcome::Allowed | Outcome::ImplicitDeny => assert_eq!(denied, None),
    }
}

/// Whether no statement would allow: resource control policies cannot, nor can policies that a resource cannot have.
fn is_hopeless(scene: &Scene, explanation: &Explanation) -> bool {
    let stranger = matches!(scene.caller, "service" | "nobody");
    let bare = !scene.names_resource || scene.kind == Kind::Plain;
    let away = scene.names_resource && scene.owner == AWAY;
    let names: &[&str] = match scene.caller {
        "user" | "federated" => &[USER, HOME],
        "session" => &[ROLE, HOME],
        "root" => &[HOME],
        _ => &[],
    };
    let mut granted = scene.grants.iter().chain(&scene.listed);
    let reached = granted.any(|name| names.contains(name));
    explanation.denied_by == Some(PolicyType::ResourceControl)
        || (bare && (stranger || (away && !reached)))
}

fn check(scene: Scene) {
    let explanation = scene.asked(|request, policies| {
        let explanation = explain(request, policies);
        agree(&explanation, decide(request, policies));
        explanation
    });
    coherent(&explanation);
    let text = serde_json::to_string(&explanation).unwrap();
    assert_eq!(
        serde_json::from_str::<Explanation>(&text).unwrap(),
        explanation
    );
    let denied = explanation.outcome == Outcome::ImplicitDeny;
    assert_eq!(
        explanation.suggestion.is_empty(),
        !denied || is_hopeless(&scene, &explanation)
    );
    if !explanation.suggestion.is_empty() {
        let amended = scene.amended(&explanation);
        let allowed = amended.asked(|request, policies| decide(request, policies).is_allowed());
        assert!(allowed, "{:?}", explanation.suggestion);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(4_000)))]

    #[test]
    fn the_same_as_decide(scene in scene()) {
        check(scene);
    }
}

fn scene_of(kind: Kind) -> Scene {
    Scene {
        caller: "user",
        kind,
        owner: HOME,
        names_resource: true,
        on_resource: vec![
            json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": HOME}}),
        ],
        identity: vec![],
        boundary: None,
        session: None,
        service_control: vec![],
        resource_control: vec![],
        endpoint: None,
        grants: vec![],
        listed: vec![],
    }
}

#[test]
fn what_nearly_matched_says_why_it_did_not() {
    let mut scene = scene_of(Kind::Key);
    scene.identity = vec![vec![
        json!({"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*",
               "Condition": {"StringLike": {"aws:username": ["bob", "b*"]}, "Bool": {"aws:none": "true"}}}),
        json!({"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "arn:aws:kms:r:111111111111:key/2"}),
        json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}),
        json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}),
    ]];
    let explanation = scene.asked(explain);
    let says: Vec<_> = explanation
        .policies
        .iter()
        .map(|p| (p.policy_type, p.says))
        .collect();
    assert_eq!(
        says,
        [
            (PolicyType::Resource, Says::Delegates),
            (PolicyType::Identity, Says::Nothing)
        ]
    );
    let identity = &explanation.policies[1];
    assert_eq!(identity.length, 4);
    let missed: Vec<_> = identity
        .statements
        .iter()
        .flat_map(|s| {
            s.compared
                .iter()
                .filter(|c| !c.fits)
                .map(|c| (s.index, c.clone()))
        })
        .map(|(index, c)| (index, c.operator.unwrap_or(c.element), c.wanted, c.actual))
        .collect();
    let texts = |list: &[&str]| {
        list.iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    let arn = texts(&["arn:aws:kms:r:111111111111:key/*"]);
    let expected = [
        (0, "Bool".to_owned(), texts(&["true"]), None),
        (
            0,
            "StringLike".to_owned(),
            texts(&["bob", "b*"]),
            Some(texts(&["ann"])),
        ),
        (
            1,
            "Resource".to_owned(),
            texts(&["arn:aws:kms:r:111111111111:key/2"]),
            Some(arn),
        ),
        (
            2,
            "Action".to_owned(),
            texts(&["kms:Decrypt"]),
            Some(texts(&["kms:Encrypt"])),
        ),
    ];
    assert_eq!(missed, expected);
    let suggested = json!([{
        "policyType": "identity",
        "statement": {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "arn:aws:kms:r:111111111111:key/${*}"},
    }]);
    assert_eq!(json!(explanation.suggestion), suggested);
}

#[test]
fn a_suggestion_is_for_every_policy_that_must_allow() {
    let everything = || vec![json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})];
    let mut scene = scene_of(Kind::Key);
    scene.caller = "session";
    scene.owner = AWAY;
    scene.boundary = Some(everything());
    scene.service_control = vec![everything()];
    scene.on_resource = vec![
        json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": AWAY}}),
    ];
    let explanation = scene.asked(explain);
    let types: Vec<_> = explanation
        .suggestion
        .iter()
        .map(|s| s.policy_type)
        .collect();
    let expected = [
        PolicyType::ServiceControl,
        PolicyType::Resource,
        PolicyType::Identity,
        PolicyType::Boundary,
    ];
    assert_eq!(types, expected);
    let on_key = json!({"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*", "Principal": {"AWS": ROLE}});
    assert_eq!(explanation.suggestion[1].statement, on_key);
    scene
        .boundary
        .as_mut()
        .unwrap()
        .push(json!({"Effect": "Deny", "Action": "kms:*", "Resource": "*"}));
    assert!(scene.asked(explain).suggestion.is_empty());
}
