//! Condition operators, one by one, and the variables in them.

use policy::{Attached, Grammar, Policies, Policy, Request, decide};

use crate::support::{Fact, Facts, HOME, Kept, Thing, caller};

pub(crate) fn holds(version: &str, statement: &str, facts: &Facts) -> bool {
    let document = format!(
        r#"{{"Version": "{version}", "Statement": {{"Effect": "Allow", "Action": "s3:*", {statement}}}}}"#
    );
    let policy = Policy::parse(&document, Grammar::Identity).unwrap();
    let identity = [Attached {
        name: "p",
        policy: &policy,
    }];
    let thing = Thing::new("arn:aws:s3:::b/home/ann/x", HOME, Kept::None);
    let request = Request {
        principal: caller("user"),
        action: "s3:GetObject",
        resource: Some(&thing),
        context: facts,
    };
    let policies = Policies {
        identity: &identity,
        ..Policies::default()
    };
    decide(&request, &policies).is_allowed()
}

pub(crate) fn condition_holds(condition: &str, facts: &Facts) -> bool {
    let statement = format!(r#""Resource": "*", "Condition": {{{condition}}}"#);
    holds("2012-10-17", &statement, facts)
}

fn text(text: &str) -> Fact {
    Fact::Text(text.to_owned())
}

fn ip(address: &str) -> Fact {
    Fact::Ip(address.to_owned())
}

/// Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
#[test]
fn one_value_against_one_operator() {
    let wide =
        "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
    let own = "arn:aws:iam::111111111111:role/x";
    for (operator, written, value, expected) in [
        ("StringEquals", r#""a""#, text("a"), true),
        ("StringEquals", r#""a""#, text("A"), false),
        ("StringEquals", r#""a*""#, text("ab"), false),
        ("StringEquals", r#""a*""#, text("a*"), true),
        ("StringEquals", r#"["x", "a"]"#, text("a"), true),
        ("StringEquals", "[]", text("a"), false),
        ("StringEquals", "true", Fact::Bool(true), true),
        ("StringEquals", "10", Fact::Number(10.0), true),
        ("StringEquals", r#""10.0.0.1""#, ip("10.0.0.1"), true),
        (
            "StringEquals",
            r#""1970-01-01T00:00:00Z""#,
            Fact::Date(0),
            true,
        ),
        (
            "StringEquals",
            r#""YQ==""#,
            Fact::Bytes(b"a".to_vec()),
            false,
        ),
        ("StringNotEquals", r#"["x", "a"]"#, text("a"), false),
        ("StringNotEquals", r#"["x", "y"]"#, text("a"), true),
        ("StringNotEquals", "[]", text("a"), true),
        ("StringEqualsIgnoreCase", r#""ABÉ""#, text("abé"), true),
        ("StringNotEqualsIgnoreCase", r#""AB""#, text("ab"), false),
        ("StringLike", r#""a*c?""#, text("abbcd"), true),
        ("StringLike", r#""a*""#, text("A"), false),
        ("StringLike", r#""""#, text(""), true),
        ("StringNotLike", r#"["a*", "b*"]"#, text("bc"), false),
        ("stringlike", r#""a*""#, text("ab"), true),
        ("NumericEquals", r#""10""#, Fact::Number(10.0), true),
        ("NumericEquals", "10", text("10.0"), true),
        ("NumericEquals", "10", text("ten"), false),
        ("NumericNotEquals", "10", text("ten"), true),
        ("NumericNotEquals", "[10, 11]", Fact::Number(11.0), false),
        ("NumericLessThan", "10", Fact::Number(9.5), true),
        ("NumericLessThan", "10", Fact::Number(10.0), false),
        ("NumericLessThanEquals", "10", Fact::Number(10.0), true),
        ("NumericGreaterThan", "-1", Fact::Number(0.0), true),
        (
            "NumericGreaterThanEquals",
            r#""1e3""#,
            Fact::Number(999.0),
            false,
        ),
        (
            "NumericGreaterThan",
            "1795415892",
            Fact::Date(1_795_415_893),
            true,
        ),
        ("NumericEquals", "1", Fact::Bool(true), false),
        (
            "DateEquals",
            r#""2026-11-23T06:38:13Z""#,
            Fact::Date(1_795_415_893),
            true,
        ),
        (
            "DateEquals",
            "1795415893",
            text("2026-11-23T07:38:13+01:00"),
            true,
        ),
        (
            "DateEquals",
            "1795415893",
            Fact::Number(1_795_415_893.0),
            true,
        ),
        (
            "DateNotEquals",
            "1795415893",
            Fact::Date(1_795_415_894),
            true,
        ),
        (
            "DateLessThan",
            r#""2026-11-24""#,
            Fact::Date(1_795_415_893),
            true,
        ),
        (
            "DateLessThanEquals",
            r#""2026-11-23""#,
            Fact::Date(1_795_415_893),
            false,
        ),
        (
            "DateGreaterThan",
            r#""2026-11-23T06:38Z""#,
            Fact::Date(1_795_415_893),
            true,
        ),
        (
            "DateGreaterThanEquals",
            r#""2026-12""#,
            Fact::Date(1_795_415_893),
            false,
        ),
        ("DateLessThan", r#""2026-11-24""#, text("yesterday"), false),
        ("Bool", r#""true""#, Fact::Bool(true), true),
        ("Bool", "false", Fact::Bool(true), false),
        ("Bool", r#""True""#, text("TRUE"), true),
        ("Bool", "true", text("yes"), false),
        (
            "BinaryEquals",
            r#""YWI=""#,
            Fact::Bytes(b"ab".to_vec()),
            true,
        ),
        ("BinaryEquals", r#""YWI=""#, text("YWI="), true),
        (
            "BinaryEquals",
            r#""YWI=""#,
            Fact::Bytes(b"abc".to_vec()),
            false,
        ),
        ("BinaryEquals", r#""YWI=""#, Fact::Bool(true), false),
        ("IpAddress", r#""203.0.113.0/24""#, ip("203.0.113.7"), true),
        ("IpAddress", r#""203.0.113.0/24""#, ip("203.0.114.7"), false),
        ("IpAddress", r#""203.0.113.7""#, ip("203.0.113.7"), true),
        ("IpAddress", r#""203.0.113.7/24""#, ip("203.0.113.8"), true),
        (
            "IpAddress",
            r#"["10.0.0.0/8", "2001:db8:1234:5678::/64"]"#,
            ip("2001:db8:1234:5678::1"),
            true,
        ),
        (
            "IpAddress",
            r#""203.0.113.0/24""#,
            ip("::ffff:203.0.113.7"),
            true,
        ),
        (
            "IpAddress",
            r#""203.0.113.0/24""#,
            text("203.0.113.7"),
            true,
        ),
        ("IpAddress", r#""0.0.0.0/0""#, text("here"), false),
        (
            "NotIpAddress",
            r#""203.0.113.0/24""#,
            ip("203.0.113.7"),
            false,
        ),
        (
            "NotIpAddress",
            r#"["203.0.113.0/24", "10.0.0.0/8"]"#,
            ip("192.0.2.1"),
            true,
        ),
        ("ArnEquals", r#""arn:aws:iam::*:role/?""#, text(own), true),
        (
            "ArnLike",
            r#""arn:aws:iam::111111111111:role/x""#,
            text(own),
            true,
        ),
        ("ArnLike", r#""arn:aws:iam:::role/x""#, text(own), false),
        (
            "ArnLike",
            r#""arn:aws:someservice:*:111122223333:finance/*""#,
            text(wide),
            false,
        ),
        (
            "StringLike",
            r#""arn:aws:someservice:*:111122223333:finance/*""#,
            text(wide),
            true,
        ),
        ("ArnLike", r#""*""#, text(own), false),
        (
            "ArnLike",
            r#""arn:aws:iam::*:role/x""#,
            text("role/x"),
            false,
        ),
        ("ArnNotLike", r#""arn:aws:iam::*:role/*""#, text(own), false),
        (
            "ArnNotEquals",
            r#""arn:aws:iam::*:user/*""#,
            text(own),
            true,
        ),
        ("Null", "true", text("a"), false),
        ("Null", r#""false""#, text("a"), true),
        ("Null", "false", text(""), false),
        ("Null", "true", text(""), true),
    ] {
        let facts = Facts(vec![("aws:k".to_owned(), vec![value.clone()])]);
        let condition = format!(r#""{operator}": {{"aws:K": {written}}}"#);
        assert_eq!(
            condition_holds(&condition, &facts),
            expected,
            "{condition} {value:?}"
        );
    }
}

#[test]
fn a_key_that_is_not_there() {
    for (operator, written, expected) in [
        ("StringEquals", r#""a""#, false),
        ("StringNotEquals", r#""a""#, true),
        ("StringEqualsIfExists", r#""a""#, true),
        ("StringNotEqualsIfExists", r#""a""#, true),
        ("ArnLike", r#""arn:aws:s3:::b""#, false),
        ("ArnNotLike", r#""arn:aws:s3:::b""#, true),
        ("NotIpAddress", r#""10.0.0.0/8""#, true),
        ("NumericLessThan", "5", false),
        ("DateNotEquals", "5", true),
        ("Bool", "false", false),
        ("BoolIfExists", "false", true),
        ("Null", "true", true),
        ("Null", "false", false),
        ("ForAllValues:StringEquals", r#""a""#, true),
        ("ForAllValues:StringNotEquals", r#""a""#, true),
        ("ForAnyValue:StringEquals", r#""a""#, false),
        ("ForAnyValue:StringNotEquals", r#""a""#, false),
        ("ForAnyValue:StringEqualsIfExists", r#""a""#, true),
    ] {
        let condition = format!(r#""{operator}": {{"aws:K": {written}}}"#);
        assert_eq!(
            condition_holds(&condition, &Facts::default()),
            expected,
            "absent {condition}"
        );
        let empty = Facts(vec![("aws:k".to_owned(), vec![])]);
        assert_eq!(
            condition_holds(&condition, &empty),
            expected,
            "empty {condition}"
        );
    }
}

/// Source: IAM User Guide, "Creating a condition with multiple keys or values".
#[test]
fn several_values() {
    for (operator, written, values, expected) in [
        (
            "ForAllValues:StringEquals",
            r#"["a", "b", "c"]"#,
            &["a", "b"][..],
            true,
        ),
        (
            "ForAllValues:StringEquals",
            r#"["a", "b"]"#,
            &["a", "x"],
            false,
        ),
        ("ForAllValues:StringLike", r#"["a*"]"#, &["ab", "ac"], true),
        (
            "ForAllValues:StringNotEquals",
            r#"["a", "b"]"#,
            &["x", "y"],
            true,
        ),
        (
            "ForAllValues:StringNotEquals",
            r#"["a", "b"]"#,
            &["x", "a"],
            false,
        ),
        ("ForAllValues:StringEquals", r#"["a"]"#, &[""], true),
        (
            "ForAnyValue:StringEquals",
            r#"["a", "b"]"#,
            &["x", "b"],
            true,
        ),
        (
            "ForAnyValue:StringEquals",
            r#"["a", "b"]"#,
            &["x", "y"],
            false,
        ),
        (
            "ForAnyValue:StringNotEquals",
            r#"["a", "b"]"#,
            &["a", "x"],
            true,
        ),
        (
            "ForAnyValue:StringNotEquals",
            r#"["a", "b"]"#,
            &["a", "b"],
            false,
        ),
        ("ForAnyValue:StringEquals", r#"[""]"#, &[""], false),
        ("StringEquals", r#"["a", "b"]"#, &["a", "b"], false),
        ("StringNotEquals", r#"["x"]"#, &["a", "b"], false),
        ("StringEquals", r#"["a", "b"]"#, &["b"], true),
        ("Null", "false", &["a", "b"], true),
    ] {
        let values: Vec<Fact> = values.iter().map(|value| text(value)).collect();
        let facts = Facts(vec![("aws:tagkeys".to_owned(), values)]);
        let condition = format!(r#""{operator}": {{"aws:TagKeys": {written}}}"#);
        assert_eq!(
            condition_holds(&condition, &facts),
            expected,
            "{condition} {facts:?}"
        );
    }
}

#[test]
fn all_operators_and_keys_must_hold() {
    let facts = Facts::text(&[("aws:a", "1"), ("aws:b", "2"), ("aws:RequestTag/Team", "x")]);
    for (condition, expected) in [
        (r#""StringEquals": {"aws:a": "1", "aws:b": "2"}"#, true),
        (r#""StringEquals": {"aws:a": "1", "aws:b": "3"}"#, false),
        (
            r#""StringEquals": {"aws:a": "1"}, "StringLike": {"aws:b": "?"}"#,
            true,
        ),
        (
            r#""StringEquals": {"aws:a": "1"}, "Null": {"aws:b": "true"}"#,
            false,
        ),
        (r#""StringEquals": {"AWS:requesttag/Team": "x"}"#, true),
        (r#""StringEquals": {"aws:RequestTag/Other": "x"}"#, false),
        (r#""StringEquals": {}"#, true),
    ] {
        assert_eq!(condition_holds(condition, &facts), expected, "{condition}");
    }
}
