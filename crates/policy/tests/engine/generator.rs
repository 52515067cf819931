//! Random scenes in which much matches.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::oracle::{self, Document, Kind, Rule, Scene};
use crate::support::Fact;

type Conditions = Vec<(String, String, Vec<String>)>;

fn strings(all: &[&str]) -> Vec<String> {
    all.iter().map(|text| (*text).to_owned()).collect()
}

fn some_of(all: &[&str], most: usize) -> impl Strategy<Value = Vec<String>> + use<> {
    subsequence(strings(all), 1..=most)
}

fn principals() -> impl Strategy<Value = Vec<(String, String)>> {
    let all = [
        ("AWS", "*"),
        ("AWS", "111111111111"),
        ("AWS", "arn:aws:iam::111111111111:root"),
        ("AWS", "222222222222"),
        ("AWS", "arn:aws:iam::111111111111:user/path/ann"),
        ("AWS", "AIDAANNANNANNANNANN"),
        ("AWS", "arn:aws:iam::111111111111:role/path/dev"),
        ("AWS", "AROADEVDEVDEVDEVDEV"),
        ("AWS", "arn:aws:sts::111111111111:assumed-role/dev/one"),
        ("AWS", "arn:aws:sts::111111111111:assumed-role/dev/two"),
        ("AWS", "arn:aws:sts::111111111111:federated-user/fay"),
        ("Service", "lambda.amazonaws.com"),
        ("Service", "ec2.amazonaws.com"),
        ("Service", "*"),
    ];
    let owned = all
        .map(|(kind, name)| (kind.to_owned(), name.to_owned()))
        .to_vec();
    subsequence(owned, 1..=4)
}

fn conditions() -> impl Strategy<Value = Conditions> {
    let texts = &[
        "ann",
        "Ann",
        "a*",
        "*n",
        "?nn",
        "bob",
        "5",
        "true",
        "",
        "${aws:username}",
        "${*}",
        "${aws:username}*",
        "${aws:none, 'ann'}",
        "${aws:none}",
        "10.0.0.1",
    ][..];
    let string = condition(
        &[
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        ],
        texts,
    );
    let arn = condition(
        &["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"],
        &[
            "arn:aws:s3:::ann",
            "arn:aws:*:*:*:${aws:username}",
            "arn:aws:s3:::?nn",
            "*",
            "arn:*:s3:*:*:*",
        ],
    );
    let order = [
        "Equals",
        "NotEquals",
        "LessThan",
        "LessThanEquals",
        "GreaterThan",
        "GreaterThanEquals",
    ];
    let names: Vec<String> = ["Numeric", "Date"]
        .iter()
        .flat_map(|kind| order.map(|order| format!("{kind}{order}")))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let number = condition(&names, &["4", "5", "6"]);
    let boolean = condition(&["Bool"], &["true", "false"]);
    let ip = condition(
        &["IpAddress", "NotIpAddress"],
        &["10.0.0.0/8", "10.0.0.1", "10.1.0.0/16"],
    );
    let null = (key(), some_of(&["true", "false"], 2))
        .prop_map(|(key, values)| ("Null".to_owned(), key, values));
    let one = prop_oneof![4 => string, 2 => arn, 2 => number, 1 => boolean, 1 => ip, 1 => null];
    let none = Just(vec![]);
    prop_oneof![2 => none, 2 => prop::collection::vec(one, 1..3)].prop_map(without_repetition)
}

/// JSON objects name an operator and a key once.
fn without_repetition(mut conditions: Conditions) -> Conditions {
    conditions.sort();
    conditions.dedup_by(|a, b| (&a.0, &a.1) == (&b.0, &b.1));
    conditions
}

fn condition(
    operators: &[&str],
    values: &[&str],
) -> impl Strategy<Value = (String, String, Vec<String>)> + use<> {
    let prefix = select(vec!["", "", "ForAnyValue:", "ForAllValues:"]);
    let suffix = select(vec!["", "", "IfExists"]);
    (
        prefix,
        select(strings(operators)),
        suffix,
        key(),
        some_of(values, 2),
    )
        .prop_map(|(prefix, operator, suffix, key, values)| {
            (format!("{prefix}{operator}{suffix}"), key, values)
        })
}

fn key() -> impl Strategy<Value = String> {
    select(strings(&[
        "aws:username",
        "aws:k",
        "aws:tagkeys",
        "aws:none",
    ]))
}

fn facts() -> impl Strategy<Value = Vec<(String, Vec<Fact>)>> {
    let text = select(strings(&[
        "ann",
        "Ann",
        "bob",
        "5",
        "",
        "*",
        "true",
        "arn:aws:s3:::ann",
        "arn:aws:sns:r:1:ann",
    ]));
    let fact = prop_oneof![
        4 => text.prop_map(Fact::Text),
        1 => any::<bool>().prop_map(Fact::Bool),
        1 => (4..7_u8).prop_map(|number| Fact::Number(number.into())),
        1 => (4..7_i64).prop_map(Fact::Date),
        1 => select(strings(&["10.0.0.1", "10.1.2.3", "192.0.2.1"])).prop_map(Fact::Ip),
    ];
    let name = select(strings(&["ann", "bob", "a*"]));
    let several = prop::collection::vec(fact, 0..3);
    (
        prop::option::of(name),
        prop::option::of(several.clone()),
        prop::option::of(several),
    )
        .prop_map(|(name, k, tags)| {
            let name = name.map(|name| ("aws:username".to_owned(), vec![Fact::Text(name)]));
            let k = k.map(|values| ("aws:k".to_owned(), values));
            let tags = tags.map(|values| ("aws:tagkeys".to_owned(), values));
            [name, k, tags].into_iter().flatten().collect()
        })
}

/// What hangs where.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Attached,
    OnResource,
    Trust,
}

fn rule(form: Form) -> impl Strategy<Value = Rule> {
    let not = || prop::bool::weighted(0.1);
    let actions = some_of(
        &[
            "*",
            "kms:*",
            "KMS:encrypt",
            "kms:En*",
            "s3:Get?bject",
            "s3:*",
            "sts:AssumeRole",
            "*:*",
            "iam:Get*",
        ],
        2,
    );
    let trust_actions = some_of(&["sts:AssumeRole", "sts:TagSession"], 2);
    let resources = some_of(
        &[
            "*",
            "arn:aws:kms:*:111111111111:key/*",
            "arn:aws:kms:r:222222222222:key/1",
            "arn:aws:s3:::ann/*",
            "arn:aws:s3:::${aws:username}/*",
            "arn:aws:s3:::${aws:none, 'ann'}/?",
            "arn:aws:iam::*:role/r",
            "arn:aws:kms*",
            "arn:aws:*:*:*:*",
            "arn:aws:s3:::${aws:tagkeys}/x",
        ],
        2,
    );
    let actions = match form {
        Form::Trust => trust_actions.boxed(),
        _ => actions.boxed(),
    };
    let first = (
        prop::bool::weighted(0.8),
        not(),
        principals(),
        not(),
        actions,
    );
    (first, not(), resources, conditions()).prop_map(
        move |(first, not_resource, resources, conditions)| {
            let (allow, not_principal, principals, not_action, actions) = first;
            Rule {
                allow,
                not_principal: not_principal && form == Form::OnResource,
                principals: if form == Form::Attached {
                    vec![]
                } else {
                    principals
                },
                not_action: not_action && form != Form::Trust,
                actions,
                not_resource: not_resource && form != Form::Trust,
                resources: if form == Form::Trust {
                    vec![]
                } else {
                    resources
                },
                conditions,
            }
        },
    )
}

fn document(form: Form) -> impl Strategy<Value = Document> {
    let statements = prop::collection::vec(rule(form), 1..4);
    (prop::bool::weighted(0.9), statements)
        .prop_map(|(second, statements)| Document { second, statements })
}

const CALLERS: [&str; 9] = [
    "user",
    "user",
    "session",
    "session",
    "federated",
    "federated by root",
    "root",
    "service",
    "nobody",
];

/// Kinds of resource policy, each with an action that meets it.
fn kinds() -> impl Strategy<Value = (Kind, &'static str)> {
    prop_oneof![
        Just((Kind::Plain, "kms:Encrypt")),
        Just((Kind::Plain, "s3:GetObject")),
        Just((Kind::Ordinary, "s3:GetObject")),
        Just((Kind::Ordinary, "s3:GetObject")),
        Just((Kind::Key, "kms:Encrypt")),
        Just((Kind::Key, "kms:Decrypt")),
        Just((Kind::Trust, "sts:AssumeRole")),
        Just((Kind::Trust, "sts:AssumeRole")),
        Just((Kind::Trust, "iam:GetRole")),
    ]
}

pub(crate) fn scene() -> impl Strategy<Value = Scene> {
    let attached = || document(Form::Attached);
    let some = || prop::collection::vec(attached(), 0..3);
    let levels = || prop_oneof![3 => Just(vec![]), 1 => prop::collection::vec(some(), 1..3)];
    let policies = (
        some(),
        prop::option::weighted(0.3, attached()),
        prop::option::weighted(0.4, some()),
        levels(),
        levels(),
    );
    let asked = (
        select(CALLERS.to_vec()),
        kinds(),
        prop::bool::weighted(0.9),
        prop::bool::weighted(0.7),
    );
    (
        asked,
        document(Form::OnResource),
        document(Form::Trust),
        policies,
        facts(),
    )
        .prop_map(
            |(
                (caller, (kind, action), has_resource, home),
                on_resource,
                trust,
                policies,
                facts,
            )| {
                let owner = if home { oracle::HOME } else { "222222222222" };
                let arn = match action {
                    "s3:GetObject" => "arn:aws:s3:::ann/x".to_owned(),
                    "sts:AssumeRole" | "iam:GetRole" => format!("arn:aws:iam::{owner}:role/r"),
                    _ => format!("arn:aws:kms:r:{owner}:key/1"),
                };
                let (identity, boundary, session, service_control, resource_control) = policies;
                Scene {
                    caller,
                    action: action.to_owned(),
                    resource: has_resource.then(|| (arn, owner.to_owned())),
                    kind,
                    resource_policy: if kind == Kind::Trust {
                        trust
                    } else {
                        on_resource
                    },
                    identity,
                    boundary,
                    session,
                    service_control,
                    resource_control,
                    facts,
                }
            },
        )
}
