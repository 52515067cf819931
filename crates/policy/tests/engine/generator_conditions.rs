//! Random conditions, of which many hold.

use crate::dice::Dice;
use crate::oracle_values::{BYTES, DATES};
use crate::support::Fact;

pub(crate) type Facts = Vec<(String, Vec<Fact>)>;
type Condition = (String, String, Vec<String>);

const TEXTS: [&str; 24] = [
    "ann",
    "Ann",
    "a*",
    "*n",
    "?nn",
    "bob",
    "*",
    "5",
    "true",
    "",
    "${aws:username}",
    "${aws:UserName}",
    "${*}",
    "${?}nn",
    "${$}5",
    "${aws:username}*",
    "x${aws:username}",
    "${aws:none, 'ann'}",
    "${aws:none, 'a*'}",
    "${aws:none}",
    "${aws:PrincipalTag/team}",
    "${aws:TagKeys, 'ann'}",
    "10.0.0.1",
    "1970-01-01T00:00:05Z",
];
const ARNS: [&str; 9] = [
    "arn:aws:s3:::ann",
    "arn:aws:*:*:*:${aws:username}",
    "arn:aws:s3:::?nn",
    "*",
    "arn:aws:s3:::*",
    "arn:*:s3:*:*:*",
    "arn:aws:sns:*:ann",
    "arn:aws:sns:r:${aws:none, '1'}:a*",
    "arn:aws:sns:?:1:*n",
];
const NUMBERS: [&str; 8] = ["4", "5", "5.0", "5.5", "6", "-1", "5e0", "1e300"];
const NETWORKS: [&str; 9] = [
    "10.0.0.0/8",
    "10.0.0.1",
    "10.1.0.0/16",
    "10.0.0.0/15",
    "192.0.2.0/31",
    "0.0.0.0/0",
    "2001:db8::/32",
    "2001:db8::1",
    "::/0",
];
const ORDERS: [&str; 6] = [
    "Equals",
    "NotEquals",
    "LessThan",
    "LessThanEquals",
    "GreaterThan",
    "GreaterThanEquals",
];
const STRINGS: [&str; 6] = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
];

/// None, one or two conditions, as a JSON object holds them: an operator and a key once.
pub(crate) fn conditions(dice: &mut Dice, facts: &Facts) -> Vec<Condition> {
    let count = match dice.below(10) {
        0..=5 => 0,
        6..=8 => 1,
        _ => 2,
    };
    let mut all: Vec<Condition> = (0..count).map(|_| condition(dice, facts)).collect();
    all.sort();
    all.dedup_by(|a, b| a.0 == b.0 && a.1.to_lowercase() == b.1.to_lowercase());
    all
}

fn condition(dice: &mut Dice, facts: &Facts) -> Condition {
    let key = key(dice);
    if dice.percent(8) {
        let values = values(dice, &[], &["true", "false"]);
        return ("Null".to_owned(), key, values);
    }
    let known = facts.iter().find(|(name, _)| *name == key.to_lowercase());
    let near: Vec<String> = known
        .iter()
        .flat_map(|(_, values)| values.iter().filter_map(written))
        .collect();
    let order = dice.one_of(&ORDERS);
    let (name, values) = match dice.below(16) {
        0..=6 => (
            dice.one_of(&STRINGS).to_owned(),
            values(dice, &near, &TEXTS),
        ),
        7..=8 => {
            let name = dice.one_of(&["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"]);
            (name.to_owned(), values(dice, &[], &ARNS))
        }
        9..=10 => (format!("Numeric{order}"), values(dice, &[], &NUMBERS)),
        11..=12 => (
            format!("Date{order}"),
            values(dice, &[], &DATES.map(|(text, _)| text)),
        ),
        13 => (
            "Bool".to_owned(),
            values(dice, &[], &["true", "false", "True"]),
        ),
        14 => (
            "BinaryEquals".to_owned(),
            values(dice, &[], &BYTES.map(|(text, _)| text)),
        ),
        _ => {
            let name = dice.one_of(&["IpAddress", "NotIpAddress"]);
            (name.to_owned(), values(dice, &[], &NETWORKS))
        }
    };
    let prefix = dice.one_of(&["", "", "", "ForAnyValue:", "ForAllValues:"]);
    let suffix = dice.one_of(&["", "", "IfExists"]);
    (format!("{prefix}{name}{suffix}"), key, values)
}

fn written(fact: &Fact) -> Option<String> {
    match fact {
        Fact::Text(text) | Fact::Ip(text) => Some(text.clone()),
        _ => None,
    }
}

fn values(dice: &mut Dice, near: &[String], far: &[&str]) -> Vec<String> {
    let count = 1 + dice.below(2);
    (0..count).map(|_| dice.lean(50, near, far)).collect()
}

fn key(dice: &mut Dice) -> String {
    let keys = [
        "aws:username",
        "AWS:UserName",
        "aws:k",
        "aws:k",
        "aws:k",
        "aws:TagKeys",
        "aws:PrincipalTag/team",
        "aws:none",
    ];
    dice.one_of(&keys).to_owned()
}

/// What is known of a call: a name, a tag, a key of any type and one of several values.
pub(crate) fn facts(dice: &mut Dice) -> Facts {
    let mut facts = vec![];
    if dice.percent(80) {
        let name = dice.one_of(&["ann", "ann", "bob", "a*"]);
        facts.push(("aws:username".to_owned(), vec![Fact::Text(name.to_owned())]));
    }
    if dice.percent(60) {
        facts.push(("aws:principaltag/team".to_owned(), vec![fact(dice)]));
    }
    if dice.percent(80) {
        facts.push(("aws:k".to_owned(), vec![fact(dice)]));
    }
    if dice.percent(60) {
        let count = dice.below(4);
        facts.push((
            "aws:tagkeys".to_owned(),
            (0..count).map(|_| fact(dice)).collect(),
        ));
    }
    facts
}

fn fact(dice: &mut Dice) -> Fact {
    let texts = [
        "ann",
        "ann",
        "Ann",
        "bob",
        "5",
        "",
        "*",
        "true",
        "NaN",
        "1e999",
        "YW5u",
        "10.0.0.1",
        "1970-01-01T00:00:05Z",
        "arn:aws:s3:::ann",
        "arn:aws:sns:r:1:ann",
        "arn:aws:sns:r:1:x:ann",
    ];
    match dice.below(9) {
        0..=3 => Fact::Text(dice.one_of(&texts).to_owned()),
        4 => Fact::Bool(dice.percent(50)),
        5 => Fact::Number([4.0, 5.0, 5.5, 6.0][dice.below(4)]),
        6 => Fact::Date(4 + i64::try_from(dice.below(3)).unwrap()),
        7 => {
            let addresses = [
                "10.0.0.1",
                "10.1.2.3",
                "192.0.2.1",
                "2001:db8::1",
                "::ffff:10.0.0.1",
            ];
            Fact::Ip(dice.one_of(&addresses).to_owned())
        }
        _ => Fact::Bytes(BYTES[dice.below(3)].1.to_vec()),
    }
}
