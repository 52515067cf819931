//! Random scenes.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};

use crate::scene::{AWAY, HOME, Kind, PROVIDER, ROLE, Scene, USER};

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Form {
    Attached,
    OnResource,
    Trust,
}

pub(crate) fn statement(form: Form) -> impl Strategy<Value = Json> {
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
            json!({"Federated": PROVIDER}),
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

pub(crate) fn document(form: Form) -> impl Strategy<Value = Vec<Json>> {
    prop::collection::vec(statement(form), 1..4)
}

pub(crate) fn scene() -> impl Strategy<Value = Scene> {
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
            "linked",
            "provider",
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
