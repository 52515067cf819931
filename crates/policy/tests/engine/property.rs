//! The engine and the oracle decide the same on random scenes.

use policy::{Decision, Grammar, Policy, Request};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::generator::scene;
use crate::oracle::{self, Document, Kind, Scene};
use crate::support::{Around, Facts, Kept, Thing, caller};

const CASES: u32 = 20_000;

fn element(statement: &mut Value, name: &str, not: bool, value: Value) {
    let name = if not {
        format!("Not{name}")
    } else {
        name.to_owned()
    };
    statement[name] = value;
}

fn written(document: &Document) -> String {
    let statements = document.statements.iter().map(|rule| {
        let mut statement = json!({"Effect": if rule.allow { "Allow" } else { "Deny" }});
        element(
            &mut statement,
            "Action",
            rule.not_action,
            json!(rule.actions),
        );
        if !rule.resources.is_empty() {
            element(
                &mut statement,
                "Resource",
                rule.not_resource,
                json!(rule.resources),
            );
        }
        let mut principals = json!({});
        for (kind, name) in &rule.principals {
            let mut names = principals[kind].as_array().cloned().unwrap_or_default();
            names.push(json!(name));
            principals[kind] = Value::Array(names);
        }
        if !rule.principals.is_empty() {
            element(&mut statement, "Principal", rule.not_principal, principals);
        }
        for (operator, key, values) in &rule.conditions {
            statement["Condition"][operator][key] = json!(values);
        }
        statement
    });
    let version = if document.second {
        "2012-10-17"
    } else {
        "2008-10-17"
    };
    json!({"Version": version, "Statement": statements.collect::<Vec<_>>()}).to_string()
}

fn compile(document: &Document, grammar: Grammar) -> Policy {
    Policy::parse(&written(document), grammar).unwrap()
}

fn kept(scene: &Scene) -> Kept {
    match scene.kind {
        Kind::Plain => Kept::None,
        Kind::Ordinary => Kept::Ordinary(Some(compile(&scene.resource_policy, Grammar::Resource))),
        Kind::Key => Kept::Key(compile(&scene.resource_policy, Grammar::Key)),
        Kind::Trust => Kept::Trust(compile(&scene.resource_policy, Grammar::Trust)),
    }
}

fn answer(scene: &Scene) -> &'static str {
    let one = |document: &Document| compile(document, Grammar::Identity);
    let all = |list: &Vec<Document>| list.iter().map(one).collect();
    let around = Around {
        identity: all(&scene.identity),
        boundary: scene.boundary.as_ref().map(one),
        session: scene.session.as_ref().map(all),
        service_control: scene.service_control.iter().map(all).collect(),
        resource_control: scene.resource_control.iter().map(all).collect(),
        endpoint: None,
    };
    let thing = scene.resource.as_ref();
    let thing = thing.map(|(arn, owner)| Thing::new(arn, owner, kept(scene)));
    let facts = Facts(scene.facts.clone());
    let request = Request {
        principal: caller(scene.caller),
        action: &scene.action,
        resource: thing.as_ref().map(|thing| thing as &dyn policy::Resource),
        context: &facts,
    };
    around.decide(&request, |decision| match decision {
        Decision::Allowed { .. } => "allowed",
        Decision::Denied(denial) if denial.is_explicit() => "denied",
        Decision::Denied(_) => "not allowed",
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(CASES)))]

    /// `PROPTEST_CASES` asks for more.
    #[test]
    fn engine_and_oracle_agree(scene in scene()) {
        prop_assert_eq!(answer(&scene), oracle::decide(&scene));
    }
}
