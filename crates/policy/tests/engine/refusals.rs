//! What `Policy::parse` refuses, and in which words.

use policy::{Grammar, Policy};

const SYNTAX: &str = "Syntax errors in policy.";
const LEGACY: &str = "The policy failed legacy parsing";
const VERSION: &str = "Policy document must be version 2012-10-17 or greater.";
const ACTIONS: &str = "Policy statement must contain actions.";
const RESOURCES: &str = "Policy statement must contain resources.";
const VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
const UNIQUE: &str = "Statement IDs (SID) in a single policy must be unique.";
const NO_PRINCIPAL: &str = "Policy document should not specify a principal.";
const MISSING_PRINCIPAL: &str = "Missing required field Principal";
const KEY_PRINCIPAL: &str = "Policy contains a statement with one or more invalid principals.";
const ACCEPTED: &str = "";

fn check(grammar: Grammar, cases: &[(&str, &str)]) {
    for (document, expected) in cases {
        let found = Policy::parse(document, grammar).err();
        let found = found.map(|malformed| malformed.message).unwrap_or_default();
        assert_eq!(found, *expected, "{grammar:?} {document}");
    }
}

fn check_statements(grammar: Grammar, cases: &[(&str, &str)]) {
    for (statements, expected) in cases {
        let document = format!(r#"{{"Version": "2012-10-17", "Statement": {statements}}}"#);
        check(grammar, &[(&document, expected)]);
    }
}

#[test]
fn documents() {
    let statement = r#"{"Effect": "Allow", "Action": "a:b", "Resource": "*"}"#;
    let with = |head: &str| format!(r#"{{{head} "Statement": {statement}}}"#);
    let none = with("");
    let first = with(r#""Version": "2008-10-17","#);
    let second = with(r#""Version": "2012-10-17","#);
    let third = with(r#""Version": "2013-10-17","#);
    let number = with(r#""Version": 2012,"#);
    let id = with(r#""Version": "2012-10-17", "Id": "x","#);
    let wrong_id = with(r#""Version": "2012-10-17", "Id": ["x"],"#);
    let extra = with(r#""Version": "2012-10-17", "Conditions": {},"#);
    let twice = with(r#""Version": "2012-10-17", "Version": "2012-10-17","#);
    let marked = format!("\u{feff}{second}");
    let cases = [
        (second.as_str(), ACCEPTED),
        (&id, ACCEPTED),
        (&third, SYNTAX),
        (&number, SYNTAX),
        (&wrong_id, SYNTAX),
        (&extra, SYNTAX),
        (&twice, SYNTAX),
        (&marked, SYNTAX),
        ("", SYNTAX),
        ("null", SYNTAX),
        ("[]", SYNTAX),
        ("{}", SYNTAX),
        (r#"{"Version": "2012-10-17"}"#, SYNTAX),
        (r#"{"Version": "2012-10-17", "Statement": []}"#, SYNTAX),
        (r#"{"Version": "2012-10-17", "Statement": ["afd"]}"#, SYNTAX),
    ];
    for grammar in [
        Grammar::Identity,
        Grammar::Managed,
        Grammar::Boundary,
        Grammar::Session,
    ] {
        check(grammar, &cases);
    }
    check(Grammar::Managed, &[(&none, VERSION), (&first, VERSION)]);
    check(Grammar::Boundary, &[(&none, VERSION), (&first, VERSION)]);
    for grammar in [Grammar::ServiceControl, Grammar::ResourceControl] {
        check(grammar, &[(&none, VERSION), (&first, VERSION)]);
    }
    check(Grammar::Identity, &[(&none, ACCEPTED), (&first, ACCEPTED)]);
    check(Grammar::ServiceControl, &[(&second, ACCEPTED)]);
}

#[test]
fn elements() {
    let cases = [
        (
            r#"{"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b"}"#,
            ACCEPTED,
        ),
        (
            r#"{"Effect": "Allow", "Action": "*", "Resource": ["*"]}"#,
            ACCEPTED,
        ),
        (
            r#"{"Effect": "Deny", "NotAction": "s3:Get*", "NotResource": "*"}"#,
            ACCEPTED,
        ),
        (
            r#"{"Sid": "", "Effect": "Allow", "Action": "a:b", "Resource": "*"}"#,
            ACCEPTED,
        ),
        (r#"{"Action": "a:b", "Resource": "*"}"#, SYNTAX),
        (
            r#"{"Effect": "Permit", "Action": "a:b", "Resource": "*"}"#,
            SYNTAX,
        ),
        (
            r#"{"Effect": ["Allow"], "Action": "a:b", "Resource": "*"}"#,
            SYNTAX,
        ),
        (
            r#"{"Effect": "denY", "Action": "a:b", "Resource": "*"}"#,
            LEGACY,
        ),
        (r#"{"Effect": "Allow", "Resource": "*"}"#, ACTIONS),
        (
            r#"{"Effect": "Allow", "Action": [], "Resource": "*"}"#,
            ACTIONS,
        ),
        (r#"{"Effect": "Allow", "Action": "a:b"}"#, RESOURCES),
        (
            r#"{"Effect": "Allow", "Action": "a:b", "Resource": []}"#,
            RESOURCES,
        ),
        (r#"{"Effect": "Allow", "Action": "invalid"}"#, VENDOR),
        (
            r#"{"Effect": "Allow", "NotAction": "", "Resource": "*"}"#,
            VENDOR,
        ),
        (
            r#"{"Effect": "Allow", "Action": "a:b:c", "Resource": "*"}"#,
            "Actions/Condition can contain only one colon.",
        ),
        (
            r#"{"Effect": "Allow", "Action": "s:3:List", "Resource": "sdf"}"#,
            r#"Resource sdf must be in ARN format or "*"."#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "a:b", "Resource": ["zz", "*", "aa"]}"#,
            r#"Resource aa must be in ARN format or "*"."#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "a:b", "Resource": "arn:aws:s3::b"}"#,
            LEGACY,
        ),
        (
            r#"{"Effect": "Allow", "Action": "a:b", "Resource": {"a": "b"}}"#,
            SYNTAX,
        ),
        (
            r#"{"Effect": "Allow", "Action": "a:b", "Resource": ["*", {}]}"#,
            SYNTAX,
        ),
        (
            r#"{"Effect": "Allow", "Action": "a:b", "Resource": ["*", null]}"#,
            SYNTAX,
        ),
        (
            r#"{"Effect": "Allow", "Action": [["a:b"]], "Resource": "*"}"#,
            SYNTAX,
        ),
        (
            r#"{"Effect": "Allow", "Action": "a:b", "NotAction": [], "Resource": "*"}"#,
            SYNTAX,
        ),
        (
            r#"{"Effect": "Allow", "Action": "a:b", "Resource": "*", "NotResource": "*"}"#,
            SYNTAX,
        ),
        (
            r#"{"effect": "Allow", "Action": "a:b", "Resource": "*"}"#,
            SYNTAX,
        ),
        (
            r#"{"Sid": {}, "Effect": "Allow", "Action": "a:b", "Resource": "*"}"#,
            SYNTAX,
        ),
        (
            r#"{"Sid": "a b", "Effect": "Allow", "Action": "a:b", "Resource": "*"}"#,
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
             regular expression [0-9A-Za-z]*",
        ),
        (
            r#"[{"Sid": "a", "Effect": "Allow", "Action": "a:b", "Resource": "*"},
                {"Sid": "a", "Effect": "Allow"}]"#,
            UNIQUE,
        ),
        (
            r#"{"Effect": "Allow", "Action": "a:b", "Resource": "*", "Principal": "*"}"#,
            NO_PRINCIPAL,
        ),
    ];
    for grammar in [Grammar::Managed, Grammar::Session, Grammar::ServiceControl] {
        check_statements(grammar, &cases);
    }
}

#[test]
fn conditions() {
    let cases = [
        ("{}", ACCEPTED),
        (r#"{"StringEquals": {}}"#, ACCEPTED),
        (r#"{"whatever": {}}"#, ACCEPTED),
        (r#"{"StringEquals": {"a": []}}"#, ACCEPTED),
        (r#"{"StringEquals": {"a": ["x", 7, true, 0.5]}}"#, ACCEPTED),
        (
            r#"{"ForAnyValue:StringLikeIfExists": {"a": "x"}}"#,
            ACCEPTED,
        ),
        (r#"{"Bool": {"a": false}, "Null": {"b": "TRUE"}}"#, ACCEPTED),
        (
            r#"{"DateLessThan": {"a": "2026-11-23T06:38:13Z", "b": 1795415893}}"#,
            ACCEPTED,
        ),
        (r#"{"DateGreaterThan": {"a": "01T"}}"#, ACCEPTED),
        (r#"{"NumericEquals": {"a": ["1", -2.5, "1e3"]}}"#, ACCEPTED),
        (
            r#"{"IpAddress": {"a": ["10.0.0.0/8", "10.1.2.3", "2001:db8::/32"]}}"#,
            ACCEPTED,
        ),
        (r#"{"BinaryEquals": {"a": "QmluYXJ5"}}"#, ACCEPTED),
        (r#""a""#, SYNTAX),
        ("[]", SYNTAX),
        (r#"{"StringEquals": "b"}"#, SYNTAX),
        (r#"{"StringEquals": {"a": {}}}"#, SYNTAX),
        (r#"{"StringEquals": {"a": null}}"#, SYNTAX),
        (r#"{"StringEquals": {"a": [["b"]]}}"#, SYNTAX),
        (r#"{"StringEquals": {"a": "b", "a": "b"}}"#, SYNTAX),
        (r#"{"x": {"a": "1"}}"#, SYNTAX),
        (r#"{"ForAnyValue::StringEquals": {"a": "1"}}"#, SYNTAX),
        (r#"{"NullIfExists": {"a": "true"}}"#, SYNTAX),
        (r#"{"DateLessThan": {"a": "tomorrow"}}"#, LEGACY),
        (r#"{"DateLessThan": {"a": "9223372036854775808"}}"#, LEGACY),
        (r#"{"NumericEquals": {"a": "ten"}}"#, LEGACY),
        (r#"{"NumericEquals": {"a": "inf"}}"#, LEGACY),
        (r#"{"Bool": {"a": "yes"}}"#, LEGACY),
        (r#"{"Null": {"a": "no"}}"#, LEGACY),
        (r#"{"IpAddress": {"a": "10.0.0.0/33"}}"#, LEGACY),
        (r#"{"BinaryEquals": {"a": "%"}}"#, LEGACY),
    ];
    for (condition, expected) in cases {
        let statement = format!(
            r#"{{"Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": {condition}}}"#
        );
        check_statements(Grammar::Managed, &[(&statement, expected)]);
    }
}

#[test]
fn trust_policies() {
    let actions = "Trust Policy statement actions can only be sts:AssumeRole, \
                   sts:AssumeRoleWithSAML,  and sts:AssumeRoleWithWebIdentity";
    let nobody = "Invalid principal in policy: com.amazon.balsa.error.InvalidPolicyException: \
                  The passed in policy has a statement with no principals!";
    check_statements(
        Grammar::Trust,
        &[
            (
                r#"{"Sid": "any id", "Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"],
                    "Principal": {"AWS": "111111111111", "Service": ["ec2.amazonaws.com"]}}"#,
                ACCEPTED,
            ),
            (
                r#"{"Effect": "Allow", "Action": "sts:AssumeRole"}"#,
                MISSING_PRINCIPAL,
            ),
            (
                r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": []}}"#,
                nobody,
            ),
            (
                r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {}}"#,
                nobody,
            ),
            (
                r#"{"Effect": "Allow", "Action": "sts:BadAssumeRole", "Principal": "*"}"#,
                actions,
            ),
            (
                r#"{"Effect": "Allow", "Action": "*", "Principal": "*"}"#,
                actions,
            ),
            (
                r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*", "Resource": "*"}"#,
                "Has prohibited field Resource",
            ),
            (
                r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*", "NotResource": "*"}"#,
                "Has prohibited field NotResource",
            ),
            (
                r#"{"Effect": "Deny", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": "111111111111"}}"#,
                "Has prohibited field NotPrincipal",
            ),
            (
                r#"{"Effect": "Allow", "Action": "sts:AssumeRole",
                    "Principal": {"AWS": "arn:aws:iam::111111111111:user/*"}}"#,
                r#"Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:user/*""#,
            ),
            (
                r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2"}}"#,
                r#"Invalid principal in policy: "SERVICE":"ec2""#,
            ),
            (
                r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "AWS"}"#,
                SYNTAX,
            ),
        ],
    );
    let old = r#"{"Version": "2008-10-17", "Statement": {"Effect": "Allow",
        "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}}"#;
    check(Grammar::Trust, &[(old, ACCEPTED)]);
}

#[test]
fn policies_on_resources() {
    let cases = |principal: &'static str| {
        [
            (
                r#"{"Sid": "with space", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
                    "Principal": {"AWS": ["111111111111", "arn:aws:iam::111111111111:root"]}}"#,
                ACCEPTED,
            ),
            (
                r#"{"Effect": "Deny", "Action": "kms:*", "Resource": "*",
                    "NotPrincipal": {"AWS": "111111111111"}}"#,
                ACCEPTED,
            ),
            (
                r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}"#,
                MISSING_PRINCIPAL,
            ),
            (
                r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": "x"}}"#,
                principal,
            ),
            (
                r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"Who": "*"}}"#,
                principal,
            ),
        ]
    };
    check_statements(Grammar::Key, &cases(KEY_PRINCIPAL));
    check_statements(Grammar::Resource, &cases("Invalid principal in policy"));
    let without = r#"{"Effect": "Allow", "Action": "kms:*", "Principal": "*"}"#;
    check_statements(Grammar::Key, &[(without, ACCEPTED)]);
    check_statements(Grammar::Resource, &[(without, RESOURCES)]);
}

#[test]
fn resource_control() {
    let service = "Actions must name a service.";
    let cases = [
        (
            r#"{"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Principal": "*"}"#,
            ACCEPTED,
        ),
        (
            r#"{"Effect": "Deny", "Action": ["kms:*", "s3:Get*"], "NotResource": "*", "Principal": "*"}"#,
            ACCEPTED,
        ),
        (
            r#"{"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": "*"}}"#,
            "Invalid principal in policy",
        ),
        (
            r#"{"Effect": "Deny", "Action": "kms:*", "Resource": "*", "NotPrincipal": "*"}"#,
            "Has prohibited field NotPrincipal",
        ),
        (
            r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": "*"}"#,
            "Has prohibited effect Allow",
        ),
        (
            r#"{"Effect": "Deny", "NotAction": "kms:*", "Resource": "*", "Principal": "*"}"#,
            "Has prohibited field NotAction",
        ),
        (
            r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Principal": "*"}"#,
            service,
        ),
        (
            r#"{"Effect": "Deny", "Action": ["kms:*", "*"], "Resource": "*", "Principal": "*"}"#,
            service,
        ),
    ];
    check_statements(Grammar::ResourceControl, &cases);
}

#[test]
fn service_control() {
    let cases = [
        (
            r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "arn:aws:kms:*:*:key/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}"#,
            ACCEPTED,
        ),
        (
            r#"{"Effect": "Allow", "NotAction": "*:Delete*", "NotResource": "*"}"#,
            ACCEPTED,
        ),
        (
            r#"{"Effect": "Deny", "Action": "a:b", "Resource": "*", "NotPrincipal": "*"}"#,
            NO_PRINCIPAL,
        ),
    ];
    check_statements(Grammar::ServiceControl, &cases);
}
