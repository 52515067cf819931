//! `explain` tells the same as `decide`, on random scenes, and what it suggests is enough.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod scene;
mod scenes;

use policy::{Decision, Effect, Explanation, Outcome, PolicyType, Says, decide, explain};
use proptest::prelude::*;
use serde_json::json;

use scene::{AWAY, HOME, Kind, ROLE, Scene, USER};
use scenes::scene;

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
    let stranger = matches!(scene.caller, "service" | "provider" | "nobody");
    let bare = !scene.names_resource || scene.kind == Kind::Plain;
    let away = scene.names_resource && scene.owner == AWAY;
    let names: &[&str] = match scene.caller {
        "user" | "federated" => &[USER, HOME],
        "session" | "linked" => &[ROLE, HOME],
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
