//! Random conditions, and the values that their keys have.

use serde_json::{Map, Value, json};

use crate::random::Random;

/// Keys with one value, of each type, and values they may have.
const SINGLE: [(&str, &[&str]); 9] = [
    ("aws:username", &["ann", "Ann", "bob", "a*", "a*"]),
    (
        "aws:PrincipalTag/team",
        &["ann", "red", "5", "true", "", ""],
    ),
    ("aws:PrincipalOrgID", &["o-aaaaaaaaaa", "o-bbbbbbbbbb"]),
    (
        "aws:SourceArn",
        &["arn:aws:sns:us-east-1:111111111111:ann", "arn:aws:s3:::ann"],
    ),
    ("aws:SecureTransport", &["true", "false"]),
    ("aws:MultiFactorAuthAge", &["4", "5", "6"]),
    (
        "aws:CurrentTime",
        &["2026-11-23T06:38:13Z", "2026-11-24T00:00:00Z"],
    ),
    ("aws:EpochTime", &["1795415893", "1795478400"]),
    (
        "aws:SourceIp",
        &["10.0.0.1", "10.1.2.3", "192.0.2.1", "2001:db8::1"],
    ),
];

/// Keys with a list of values.
const SEVERAL: [(&str, &[&str]); 2] = [
    ("aws:TagKeys", &["team", "Team", "cost", "ann"]),
    (
        "aws:CalledVia",
        &["athena.amazonaws.com", "glue.amazonaws.com"],
    ),
];

const STRINGS: [&str; 6] = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
];
const ARNS: [&str; 4] = ["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"];
const ORDERS: [&str; 6] = [
    "Equals",
    "NotEquals",
    "LessThan",
    "LessThanEquals",
    "GreaterThan",
    "GreaterThanEquals",
];

const TEXTS: [&str; 21] = [
    "ann",
    "Ann",
    "a*",
    "?nn",
    "*",
    "red",
    "team",
    "te?m",
    "5",
    "true",
    "",
    "o-aaaaaaaaaa",
    "athena.amazonaws.com",
    "${aws:username}",
    "${aws:username}*",
    "${aws:PrincipalTag/team}",
    "${aws:PrincipalTag/team}",
    "${aws:PrincipalTag/team}",
    "${aws:PrincipalTag/none, 'ann'}",
    "a${*}",
    "a${*}",
];
const ARN_PATTERNS: [&str; 7] = [
    "arn:aws:s3:::ann",
    "arn:aws:s3:::?nn",
    "arn:aws:sns:*:*:${aws:username}",
    "arn:aws:sns:*:111111111111:*",
    "arn:*:s3:*:*:*",
    "arn:aws:sns:*",
    "*",
];
const NETWORKS: [&str; 4] = ["10.0.0.0/8", "10.0.0.1", "10.1.0.0/16", "2001:db8::/32"];
const DATES: [&str; 4] = [
    "2026-11-23T06:38:13Z",
    "2026-11-23T07:38:13+01:00",
    "2026-11-24T00:00:00Z",
    "2026-11-23",
];

/// The request's values of condition keys: many keys are absent.
pub(crate) fn context(random: &mut Random) -> Value {
    let mut known = Map::new();
    for (key, values) in SINGLE {
        if random.percent(60) {
            known.insert(key.to_owned(), json!(random.one(values)));
        }
    }
    for (key, values) in SEVERAL {
        if random.percent(60) {
            let listed = random.several(0, 2, |random| random.one(values));
            known.insert(key.to_owned(), json!(listed));
        }
    }
    Value::Object(known)
}

/// A `Condition` element with one to three conditions.
pub(crate) fn element(random: &mut Random) -> Value {
    let mut element = json!({});
    for _ in 0..=random.below(3) {
        let (operator, key, values) = condition(random);
        element[operator][key] = json!(values);
    }
    element
}

fn condition(random: &mut Random) -> (String, &'static str, Vec<&'static str>) {
    let (kind, fitting, values): (String, &[&str], &[&str]) = match random.below(14) {
        0..=4 => (
            random.one(&STRINGS).to_owned(),
            &[
                "aws:username",
                "aws:PrincipalTag/team",
                "aws:PrincipalOrgID",
                "aws:TagKeys",
                "aws:CalledVia",
            ],
            &TEXTS,
        ),
        5 | 6 => (
            random.one(&ARNS).to_owned(),
            &["aws:SourceArn"],
            &ARN_PATTERNS,
        ),
        7 => (
            format!("Numeric{}", random.one(&ORDERS)),
            &[
                "aws:MultiFactorAuthAge",
                "aws:MultiFactorAuthAge",
                "aws:CurrentTime",
            ],
            &["4", "5", "6.0"],
        ),
        8 => (
            format!("Date{}", random.one(&ORDERS)),
            &["aws:CurrentTime", "aws:EpochTime"],
            &DATES,
        ),
        9 => (
            "Bool".to_owned(),
            &["aws:SecureTransport"],
            &["true", "false", "True"],
        ),
        10 | 11 => (
            random.one(&["IpAddress", "NotIpAddress"]).to_owned(),
            &["aws:SourceIp"],
            &NETWORKS,
        ),
        _ => return null(random),
    };
    let prefix = random.one(&["", "", "", "ForAnyValue:", "ForAllValues:"]);
    let suffix = random.one(&["", "", "IfExists"]);
    let key = if random.percent(80) {
        random.one(fitting)
    } else {
        any_key(random)
    };
    (format!("{prefix}{kind}{suffix}"), key, random.some(values))
}

fn null(random: &mut Random) -> (String, &'static str, Vec<&'static str>) {
    (
        "Null".to_owned(),
        any_key(random),
        random.some(&["true", "false"]),
    )
}

/// Keys compare without case.
fn any_key(random: &mut Random) -> &'static str {
    let keys: Vec<_> = SINGLE.iter().chain(&SEVERAL).map(|(key, _)| *key).collect();
    match random.percent(20) {
        true => random.one(&["AWS:UserName", "aws:principaltag/team", "aws:sourceIP"]),
        false => random.one(&keys),
    }
}
