//! Whatever is given to the parser: an answer, never a panic, and soon.

use policy::{Grammar, Policy};
use proptest::prelude::*;

const GRAMMARS: [Grammar; 9] = [
    Grammar::Identity,
    Grammar::Managed,
    Grammar::Boundary,
    Grammar::Session,
    Grammar::Resource,
    Grammar::Trust,
    Grammar::Key,
    Grammar::ServiceControl,
    Grammar::ResourceControl,
];

/// Words that lead far into the parser.
fn word() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "Version",
        "2012-10-17",
        "2008-10-17",
        "Id",
        "Statement",
        "Sid",
        "Effect",
        "Allow",
        "Deny",
        "Principal",
        "NotPrincipal",
        "AWS",
        "Service",
        "Federated",
        "CanonicalUser",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        "StringLike",
        "ArnEquals",
        "Bool",
        "NumericLessThan",
        "DateGreaterThan",
        "IpAddress",
        "Null",
        "ForAnyValue:StringEquals",
        "BinaryEquals",
        "*",
        "s3:Get*",
        "sts:AssumeRole",
        "arn:aws:s3:::${aws:username}/*",
        "arn:aws:iam::111111111111:root",
        "111111111111",
        "${aws:PrincipalTag/x, 'y'}",
        "${",
        "true",
    ]);
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => ".{0,12}"]
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        6 => word().prop_map(serde_json::Value::from),
        1 => any::<bool>().prop_map(serde_json::Value::from),
        1 => any::<i64>().prop_map(serde_json::Value::from),
        1 => any::<f64>().prop_map(serde_json::Value::from),
        1 => Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(6, 48, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::hash_map(word(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

fn parse_as_all(document: &str) {
    for grammar in GRAMMARS {
        if let Err(malformed) = Policy::parse(document, grammar) {
            assert!(!malformed.message.is_empty(), "{document}");
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_text(document in ".{0,300}") {
        parse_as_all(&document);
    }

    #[test]
    fn arbitrary_json(document in json()) {
        parse_as_all(&document.to_string());
    }

    #[test]
    fn arbitrary_strings_in_every_place(
        action in "[a-z:*?$]{0,12}",
        resource in "(arn|[a-z*]):[a-z:*?${}',]{0,30}",
        operator in "(ForAnyValue:|ForAllValues:)?[SNDBIA][a-zA-Z]{3,20}(IfExists)?",
        value in "[-0-9tTzZ:+.${}*/a-f]{0,30}",
        principal in "[a-zA-Z0-9:/*]{0,40}",
    ) {
        let document = serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow", "Action": action, "Resource": resource,
                    "Condition": {operator: {value.as_str(): value.as_str()}},
                },
                {
                    "Effect": "Deny", "Action": "*", "Resource": "*",
                    "Condition": {"DateEquals": {"k": value}},
                    "Principal": {"AWS": principal},
                },
            ],
        });
        parse_as_all(&document.to_string());
    }
}

/// Some million bytes of each are read in linear time; squared they would not end.
#[test]
fn long_documents_are_answered() {
    let around = |inner: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "a:b",
                "Resource": "*", "Condition": {{"StringLike": {{"k": "{inner}"}}}}}}}}"#
        )
    };
    let arn = |inner: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "a:b",
                "Resource": "arn:aws:s3:::{inner}"}}}}"#
        )
    };
    let keys: String = (0..100_000)
        .map(|number| format!(r#""{number}":0,"#))
        .collect();
    for document in [
        "[".repeat(500_000),
        r#"{"a":"#.repeat(500_000),
        format!("{{{keys}\"Statement\":[]}}"),
        around(&"${".repeat(500_000)),
        around(&"*?".repeat(500_000)),
        arn(&"${".repeat(500_000)),
        arn(&"$:".repeat(500_000)),
        arn(&"${a}:".repeat(500_000)),
    ] {
        let _ = Policy::parse(&document, Grammar::Identity);
    }
}
