//! Forms of documents and of values: which are read, and as what, and which are refused.

use policy::{Grammar, Policy};

use crate::conditions::condition_holds;
use crate::support::{Fact, Facts};

const SYNTAX: &str = "Syntax errors in policy.";
const LEGACY: &str = "The policy failed legacy parsing";

fn refusal(document: &str) -> Option<String> {
    let refused = Policy::parse(document, Grammar::Identity).err();
    refused.map(|malformed| malformed.message)
}

fn statement(inner: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "a:b", "Resource": "*"{inner}}}]}}"#
    )
}

fn condition_refusal(operator: &str, value: &str) -> Option<String> {
    let value = serde_json::json!(value);
    refusal(&statement(&format!(
        r#", "Condition": {{"{operator}": {{"k": {value}}}}}"#
    )))
}

/// Source: IAM User Guide, "Grammar of the IAM JSON policy language": a policy is JSON of RFC 8259.
#[test]
fn what_is_not_json_is_refused() {
    let good = statement("");
    assert_eq!(refusal(&good), None);
    assert_eq!(refusal(&format!(" \r\n\t{good}\n ")), None);
    let deep = |levels: usize| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        statement(&format!(
            r#", "Condition": {{"StringEquals": {{"k": {open}"x"{close}}}}}"#
        ))
    };
    assert_eq!(refusal(&deep(1)), None);
    for document in [
        format!("\u{feff}{good}"),
        format!("{good}\u{feff}"),
        format!("// comment\n{good}"),
        format!("/* comment */ {good}"),
        format!("# comment\n{good}"),
        good.replace("[{", "[{ /* comment */ "),
        format!("{good} {good}"),
        format!("{good},"),
        format!("[{good}]"),
        format!("{good}\0"),
        good.replace("}]", ",}]"),
        good.replace("}]", "},]"),
        good.replace('"', "'"),
        good.replace("\"Effect\"", "Effect"),
        good.replace("a:b", "a:b\n"),
        good.replace("a:b", "a:b\\ud800"),
        good.replace("\"*\"", "NaN"),
        good.replace("\"*\"", "null"),
        good.replace("\"*\"", "7"),
        good.replace("\"*\"", "{}"),
        good[..good.len() - 1].to_owned(),
        deep(2),
        deep(100),
        deep(100_000),
        "[".repeat(10_000_000),
        r#"{"Statement":"#.repeat(700_000),
    ] {
        let shown: String = document.chars().take(120).collect();
        assert_eq!(refusal(&document).as_deref(), Some(SYNTAX), "{shown}");
    }
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    for inner in [
        r#", "Effect": "Allow""#,
        r#", "Effect": "Deny""#,
        r#", "\u0045ffect": "Deny""#,
        r#", "Action": "a:c""#,
        r#", "NotAction": "a:c""#,
        r#", "NotResource": "*""#,
        r#", "Sid": "x", "Sid": "y""#,
        r#", "Condition": {}, "Condition": {}"#,
        r#", "Condition": {"Bool": {"k": true}, "Bool": {"l": true}}"#,
        r#", "Condition": {"Bool": {"k": true, "k": false}}"#,
        r#", "Condition": {"Bool": {"k": true, "\u006b": false}}"#,
    ] {
        assert_eq!(
            refusal(&statement(inner)).as_deref(),
            Some(SYNTAX),
            "{inner}"
        );
    }
    let good = statement("");
    let first = good.replacen('{', r#"{"Version": "2008-10-17", "#, 1);
    let last = good.replace("}]}", r#"}], "Statement": []}"#);
    for document in [first, last] {
        assert_eq!(refusal(&document).as_deref(), Some(SYNTAX), "{document}");
    }
}

/// How long a document may be depends on what keeps it; ten million bytes are read, or refused, all the same.
#[test]
fn ten_million_bytes_are_answered() {
    let good = statement("");
    let one = r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},"#;
    let many = format!(
        "{}{}",
        one.repeat(10_000_000 / one.len()),
        one.trim_end_matches(',')
    );
    let ids: String = (0..1_000_000)
        .map(|at| format!(r#"{{"Sid":"{at}"}},"#))
        .collect();
    let long = "x".repeat(10_000_000);
    for (document, expected) in [
        (format!("{good}{}", " ".repeat(10_000_000)), None),
        (
            format!(r#"{{"Version": "2012-10-17", "Statement": [{many}]}}"#),
            None,
        ),
        (statement(&format!(r#", "Sid": "{long}""#)), None),
        (statement(&format!(r#", "{long}": 1"#)), Some(SYNTAX)),
        (format!(r#"{{"Statement": [{ids}]}}"#), Some(SYNTAX)),
        (format!("{good}{long}"), Some(SYNTAX)),
        (format!(r#"{{"Id": "{long}"#), Some(SYNTAX)),
    ] {
        let shown: String = document.chars().take(120).collect();
        assert_eq!(refusal(&document).as_deref(), expected, "{shown}");
    }
}

fn holds_for(operator: &str, written: &str, fact: Fact) -> bool {
    let written = serde_json::json!(written);
    let facts = Facts(vec![("k:k".to_owned(), vec![fact])]);
    condition_holds(&format!(r#""{operator}": {{"k:k": {written}}}"#), &facts)
}

/// Source: IAM User Guide, "Date condition operators"; W3C NOTE-datetime; seconds since 1970.
#[test]
fn dates_in_every_form() {
    let second = 1_795_415_893;
    for (written, seconds) in [
        ("2026-11-23T06:38:13Z", second),
        ("2026-11-23T06:38:13.000Z", second),
        ("2026-11-23T06:38:13.000000000Z", second),
        ("2026-11-23t06:38:13z", second),
        ("2026-11-23T06:38:13", second),
        ("2026-11-23T06:38:13+00:00", second),
        ("2026-11-23T06:38:13-00:00", second),
        ("2026-11-23T12:08:13+05:30", second),
        ("2026-11-22T22:38:13-08:00", second),
        ("2026-11-24T00:38:13+18", second),
        ("1795415893", second),
        ("2026-11-23T06:38Z", second - 13),
        ("2026-11-23T07:38+01:00", second - 13),
        ("2026-11-23", second - 13 - 38 * 60 - 6 * 3_600),
        ("2026-11", second - 13 - 38 * 60 - 6 * 3_600 - 22 * 86_400),
        ("2026", 2_026),
        ("0", 0),
        ("2000-02-29T00:00:00Z", 951_782_400),
    ] {
        assert!(
            holds_for("DateEquals", written, Fact::Date(seconds)),
            "{written}"
        );
        assert!(
            !holds_for("DateEquals", written, Fact::Date(seconds + 1)),
            "{written}"
        );
        assert!(
            holds_for("DateLessThan", written, Fact::Date(seconds - 1)),
            "{written}"
        );
        assert!(
            holds_for("DateGreaterThan", written, Fact::Date(seconds + 1)),
            "{written}"
        );
        assert!(
            holds_for("DateEquals", written, Fact::Text(written.to_owned())),
            "{written}"
        );
    }
    assert!(holds_for(
        "DateGreaterThan",
        "2026-11-23T06:38:12.999Z",
        Fact::Date(second)
    ));
    assert!(holds_for(
        "DateLessThan",
        "2026-11-23T06:38:13.001Z",
        Fact::Date(second)
    ));
    for written in [
        "",
        "today",
        "2026-13-01",
        "2026-11-31",
        "2026-11-23T24:00:00Z",
        "2026-11-23T06:38:13+1",
        "2026-11-23 06:38:13Z",
        "2026/11/23",
        "23-11-2026T",
        "1795415893.5",
        "0x6B03",
        "${aws:CurrentTime}",
    ] {
        let refused = condition_refusal("DateEquals", written);
        assert_eq!(refused.as_deref(), Some(LEGACY), "{written}");
    }
}

/// Source: IAM User Guide, "Numeric condition operators": whole numbers and decimals.
#[test]
fn numbers_in_every_form() {
    for (written, number) in [
        ("10", 10.0),
        ("10.0", 10.0),
        ("010", 10.0),
        ("+10", 10.0),
        ("1e1", 10.0),
        ("1.0E+1", 10.0),
        ("-10", -10.0),
        ("-0", 0.0),
        ("0.1", 0.1),
        (".5", 0.5),
        ("9007199254740991", 9_007_199_254_740_991.0),
        ("1e308", 1e308),
        ("1e-400", 0.0),
    ] {
        assert!(
            holds_for("NumericEquals", written, Fact::Number(number)),
            "{written}"
        );
        assert!(
            !holds_for("NumericNotEquals", written, Fact::Number(number)),
            "{written}"
        );
        assert!(
            holds_for("NumericLessThanEquals", written, Fact::Number(number)),
            "{written}"
        );
        assert!(
            !holds_for("NumericGreaterThan", written, Fact::Number(number)),
            "{written}"
        );
    }
    for text in [
        "ten", "NaN", "inf", "infinity", "1e999", "", " 10", "10 ", "1_0",
    ] {
        for operator in [
            "NumericEquals",
            "NumericLessThan",
            "NumericGreaterThanEquals",
        ] {
            assert!(
                !holds_for(operator, "10", Fact::Text(text.to_owned())),
                "{text}"
            );
        }
        let refused = condition_refusal("NumericEquals", text);
        assert_eq!(refused.as_deref(), Some(LEGACY), "{text}");
    }
    assert!(!holds_for("NumericLessThan", "10", Fact::Number(f64::NAN)));
    assert!(holds_for(
        "NumericLessThan",
        "10",
        Fact::Number(f64::NEG_INFINITY)
    ));
}

/// Source: IAM User Guide, "Binary condition operators": bytes are compared, written as base64.
#[test]
fn bytes_in_every_form() {
    let bytes = |text: &str| Fact::Bytes(text.as_bytes().to_vec());
    for (written, fact, expected) in [
        ("YW5u", bytes("ann"), true),
        ("YW4=", bytes("an"), true),
        ("", bytes(""), true),
        ("YW5u", bytes("anna"), false),
        ("YW5u", bytes("Ann"), false),
        ("YW5u", Fact::Text("ann".to_owned()), false),
        ("YW5u", Fact::Text("YW5u".to_owned()), true),
    ] {
        assert_eq!(
            holds_for("BinaryEquals", written, fact),
            expected,
            "{written}"
        );
    }
    for written in ["YW4", "YW5=", "YW-_", "YW 4=", "YW4=\n", "*", "====", "ä"] {
        let refused = condition_refusal("BinaryEquals", written);
        assert_eq!(refused.as_deref(), Some(LEGACY), "{written}");
    }
}

/// Source: IAM User Guide, "IP address condition operators", "Boolean condition operators".
#[test]
fn addresses_and_booleans_that_are_none_are_refused() {
    for (operator, values) in [
        (
            "IpAddress",
            &[
                "",
                "10.0.0",
                "10.0.0.0/33",
                "10.0.0.0/",
                "256.0.0.1",
                "010.0.0.1",
                "::1/129",
                "10.0.0.*",
                "here",
            ][..],
        ),
        ("Bool", &["", "yes", "1", " true"]),
        ("Null", &["", "maybe", "0"]),
    ] {
        for value in values {
            let refused = condition_refusal(operator, value);
            assert_eq!(refused.as_deref(), Some(LEGACY), "{operator} {value}");
        }
    }
}

/// Source: IAM User Guide, "Amazon Resource Name (ARN) condition operators": each of six parts by itself.
#[test]
fn arns_match_part_by_part() {
    for (pattern, arn, expected) in [
        ("arn:aws:sns:r:1:t", "arn:aws:sns:r:1:t", true),
        ("arn:aws:sns:r:1:t", "arn:aws:sns:r:1:T", false),
        ("arn:aws:sns:r:1:t", "arn:aws:sns:r:1:t:u", false),
        ("arn:aws:sns:r:1:t*", "arn:aws:sns:r:1:t:u/v", true),
        ("arn:aws:sns:r:1:t:*", "arn:aws:sns:r:1:t:u:v", true),
        ("arn:aws:sns:*:t", "arn:aws:sns:r:1:t", false),
        ("arn:aws:sns:*:*:t", "arn:aws:sns:r:1:x:t", false),
        ("arn:aws:sns:*:*:*", "arn:aws:sns::1:", true),
        ("arn:*:*:*:*:*", "arn:aws-cn:s3:::b", true),
        ("arn:a?s:s?s:?:?:?", "arn:aws:sns:r:1:t", true),
        ("arn:aws:sns:?:1:t", "arn:aws:sns::1:t", false),
        ("arn:aws:s*", "arn:aws:sns:r:1:t", false),
        ("*", "arn:aws:sns:r:1:t", false),
        ("*:*:*:*:*:*", "arn:aws:sns:r:1:t", true),
        ("*:*:*:*:*:*", "urn:aws:sns:r:1:t", false),
        ("*:*:*:*:*:*", "a:b", false),
        ("", "", false),
    ] {
        for operator in ["ArnEquals", "ArnLike"] {
            let found = holds_for(operator, pattern, Fact::Text(arn.to_owned()));
            assert_eq!(found, expected, "{operator} {pattern} {arn}");
        }
        for operator in ["ArnNotEquals", "ArnNotLike"] {
            let found = holds_for(operator, pattern, Fact::Text(arn.to_owned()));
            assert_eq!(found, !expected, "{operator} {pattern} {arn}");
        }
    }
}
