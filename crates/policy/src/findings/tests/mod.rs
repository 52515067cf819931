//! Each issue, found where it is and not where it is not.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::*;

/// A service with two actions, two resources and some condition keys; one that exists; all others are not judged.
struct Example(ServiceReference);

impl Example {
    fn new() -> Self {
        let action = |keys: &[&str]| ActionReference {
            condition_keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        };
        let own = [
            "kms:ViaService",
            "kms:MultiRegion",
            "kms:EncryptionContext:${Key}",
        ];
        let encrypt = [&own[..], &["aws:ResourceTag/${TagKey}"]].concat();
        let types = ["String", "Bool", "String"];
        let keys = own.iter().zip(types);
        Self(ServiceReference {
            actions: BTreeMap::from([
                ("Encrypt".to_owned(), action(&encrypt)),
                ("ListKeys".to_owned(), action(&[])),
            ]),
            resources: vec![
                "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}".to_owned(),
                "arn:${Partition}:kms::${Account}:everywhere/${Name}".to_owned(),
            ],
            condition_keys: keys
                .map(|(key, kind)| ((*key).to_owned(), kind.to_owned()))
                .collect(),
        })
    }
}

impl Catalogue for Example {
    fn service(&self, prefix: &str) -> Known<'_> {
        match prefix {
            "kms" => Known::Described(&self.0),
            "nope" => Known::Missing,
            _ => Known::Undescribed,
        }
    }
}

fn grammar(name: &str) -> Grammar {
    match name {
        "identity" => Grammar::Identity,
        "resource" => Grammar::Resource,
        "trust" => Grammar::Trust,
        "key" => Grammar::Key,
        "scp" => Grammar::ServiceControl,
        "rcp" => Grammar::ResourceControl,
        other => panic!("{other}"),
    }
}

/// A document of the statements that `case` writes, each with what it leaves out of a plain one.
fn document(grammar: Grammar, case: &str) -> String {
    if let Some(raw) = case.strip_prefix("raw ") {
        return raw.to_owned();
    }
    let mut plain = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"});
    match grammar {
        Grammar::Trust => {
            plain = json!({"Effect": "Allow", "Action": "sts:AssumeRole"});
            plain["Principal"] = json!({"AWS": "111122223333"});
        }
        Grammar::Resource | Grammar::Key => plain["Principal"] = json!({"AWS": "111122223333"}),
        _ => {}
    }
    let written = serde_json::Deserializer::from_str(case).into_iter::<Map<String, Value>>();
    let statements = written.map(|members| {
        let mut statement = plain.as_object().unwrap().clone();
        statement.extend(members.unwrap());
        statement.retain(|_, value| !value.is_null());
        statement
    });
    let statements: Vec<_> = statements.collect();
    lengthened(json!({"Version": "2012-10-17", "Statement": statements}).to_string())
}

/// `LONG7000` stands for a long word.
fn lengthened(document: String) -> String {
    let Some((before, after)) = document.split_once("LONG") else {
        return document;
    };
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}{}{after}", "x".repeat(digits.parse().unwrap()))
}

#[test]
fn each_issue_is_found_and_not_found() {
    let catalogue = Example::new();
    let mut seen = BTreeMap::<&str, [usize; 2]>::new();
    let mut about = ("", Grammar::Identity);
    for line in include_str!("cases.txt").lines() {
        let (sign, case) = line.split_once(' ').unwrap();
        let expected = match sign {
            "+" => true,
            "-" => false,
            code => {
                about = (code, grammar(case));
                continue;
            }
        };
        let document = document(about.1, case);
        let findings = validate(&document, about.1, &catalogue);
        let codes: Vec<_> = findings.iter().map(|it| it.issue_code.as_str()).collect();
        assert_eq!(
            codes.contains(&about.0),
            expected,
            "{} {line}\n{codes:?}",
            about.0
        );
        seen.entry(about.0).or_default()[usize::from(expected)] += 1;
    }
    for code in IssueCode::ALL {
        let counts = seen.remove(code.as_str()).unwrap_or_default();
        assert!(!counts.contains(&0), "{code:?} {counts:?}");
    }
    assert!(seen.is_empty(), "{seen:?}");
}

#[test]
fn good_policies_have_no_findings() {
    for (grammar, case) in [
        (
            Grammar::Identity,
            r#"{"Sid": "a", "Action": ["s3:GetObject", "kms:Encrypt"]}"#,
        ),
        (
            Grammar::Identity,
            r#"{"Action": "kms:*", "Resource": "arn:aws:kms:*:*:key/${aws:PrincipalTag/key, 'none'}"}"#,
        ),
        (
            Grammar::Key,
            r#"{"Action": "kms:*", "Sid": "Enable IAM User Permissions"}"#,
        ),
        (
            Grammar::Trust,
            r#"{"Principal": {"Service": "ec2.amazonaws.com"}, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": true}}}"#,
        ),
        (
            Grammar::Resource,
            r#"{"Effect": "Deny", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#,
        ),
        (Grammar::ServiceControl, r#"{"Action": "*"}"#),
        (
            Grammar::ResourceControl,
            r#"{"Effect": "Deny", "Principal": "*"}"#,
        ),
    ] {
        let document = document(grammar, case);
        let findings = validate(&document, grammar, &Example::new());
        assert_eq!(findings, [], "{document}");
    }
}

#[test]
fn a_finding_says_where() {
    let document = "{\n \"Version\": \"2012-10-17\", \"Id\": \"é\",\n \"Statement\": [\n  \
                    {\"Effect\": \"Allow\", \"Resource\": \"*\", \"Action\": [\"s3:A\", \"é\"]}]}";
    let findings = validate(document, Grammar::Identity, &NoCatalogue);
    let [finding] = findings.as_slice() else {
        panic!("{findings:?}");
    };
    assert_eq!(finding.issue_code, IssueCode::InvalidAction);
    assert_eq!(finding.kind(), FindingKind::Error);
    assert_eq!(finding.details, "The action é does not exist.");
    let [location] = finding.locations.as_slice() else {
        panic!("{finding:?}");
    };
    let value = |name: &str| PathElement::Value(name.into());
    let path = [
        value("Statement"),
        PathElement::Index(0),
        value("Action"),
        PathElement::Index(1),
    ];
    assert_eq!(location.path, path);
    let (line, column) = (location.start.line, location.start.column);
    assert_eq!((line, column, location.end.column), (4, 59, 62));
    let found = document.get(location.start.offset..location.end.offset);
    assert_eq!(found, Some("\"é\""));
}

#[test]
fn the_path_to_a_name_leads_to_its_value() {
    let case = r#"{"Condition": {"Like": {"s3:prefix": "a"}}}"#;
    let document = document(Grammar::Identity, case);
    let findings = validate(&document, Grammar::Identity, &NoCatalogue);
    let path: Vec<_> = findings[0].locations[0]
        .path
        .iter()
        .skip(2)
        .cloned()
        .collect();
    let value = |name: &str| PathElement::Value(name.into());
    assert_eq!(path, [value("Condition"), value("Like")]);
}

#[test]
fn broken_json_is_one_finding() {
    let findings = validate("{\n  \"Version\" 7}", Grammar::Identity, &NoCatalogue);
    let [finding] = findings.as_slice() else {
        panic!("{findings:?}");
    };
    let start = finding.locations[0].start;
    assert_eq!(finding.issue_code, IssueCode::JsonSyntaxError);
    assert_eq!((start.line, start.column, start.offset), (2, 13, 14));
}

#[test]
fn hostile_documents_take_no_time() {
    let many = |text: &str| vec![text; 50_000].join(",");
    for (before, item, after) in [
        ("{\"Statement\":[", "{}", "]}"),
        ("{\"Statement\":{\"Action\":[", "\"s3:*a*\"", "]}}"),
        (
            "{\"Statement\":{\"Effect\":\"Allow\",\"Resource\":[",
            "\"arn:aws:s3:::${\"",
            "]}}",
        ),
        (
            "{\"Statement\":{\"Condition\":{\"Bool\":{\"aws:x\":[",
            "\"*\"",
            "]}}}}",
        ),
    ] {
        let document = format!("{before}{}{after}", many(item));
        assert!(!validate(&document, Grammar::Identity, &Example::new()).is_empty());
    }
    // Within what is looked into, each of a thousand actions meets every action of the catalogue.
    let spread = (0..900).map(|at| format!("\"s3:*{at}{}\"", "*a".repeat(60)));
    let spread: Vec<_> = spread.collect();
    let actions = format!("{{\"Statement\":{{\"Action\":[{}]}}}}", spread.join(","));
    assert!(actions.len() < super::LONGEST);
    assert!(!validate(&actions, Grammar::Identity, &Example::new()).is_empty());
    for grammar in [Grammar::Session, Grammar::ResourceControl, Grammar::Trust] {
        let long = format!("{{\"Statement\":[{}]}}", many("{}"));
        assert_eq!(validate(&long, grammar, &NoCatalogue).len(), 2);
    }
    let deep = "[".repeat(1_000_000);
    assert_eq!(validate(&deep, Grammar::Identity, &NoCatalogue).len(), 1);
}
