//! The checks of policies: whatever comes, they answer, and every finding lies in the document.

use bolero::check;
use policy::Grammar;
use policy::findings::{ActionReference, Catalogue, Known, ServiceReference, validate};

const GRAMMARS: [Grammar; 6] = [
    Grammar::Identity,
    Grammar::Resource,
    Grammar::Key,
    Grammar::Trust,
    Grammar::ServiceControl,
    Grammar::ResourceControl,
];

/// Describes every service alike.
struct Everything(ServiceReference);

impl Everything {
    fn new() -> Self {
        let mut reference = ServiceReference {
            resources: vec!["arn:${Partition}:a:${Region}:${Account}:b/${C}".to_owned()],
            ..ServiceReference::default()
        };
        let action = ActionReference {
            condition_keys: vec!["a:${B}".to_owned()],
        };
        reference.actions.insert("A".to_owned(), action);
        let key = ("a:${B}".to_owned(), "String".to_owned());
        reference.condition_keys.extend([key]);
        Self(reference)
    }
}

impl Catalogue for Everything {
    fn service(&self, _: &str) -> Known<'_> {
        Known::Described(&self.0)
    }
}

fn check_document(document: &str) {
    let catalogue = Everything::new();
    for grammar in GRAMMARS {
        for finding in validate(document, grammar, &catalogue) {
            assert!(!finding.locations.is_empty(), "{finding:?}");
            for location in &finding.locations {
                let place = location.start.offset..location.end.offset;
                assert!(document.get(place).is_some(), "{finding:?}");
                assert!(location.start.line <= location.end.line, "{finding:?}");
            }
        }
    }
}

#[test]
fn any_document() {
    check!().for_each(|bytes| {
        if let Ok(document) = std::str::from_utf8(bytes) {
            check_document(document);
        }
    });
}

/// Documents that have the form of policies, of any words.
#[test]
fn any_words() {
    check!()
        .with_type::<(Vec<String>, Vec<String>, Vec<(String, String, Vec<String>)>)>()
        .for_each(|(actions, resources, tests)| {
            let mut condition = serde_json::Map::new();
            for (operator, key, values) in tests {
                condition.insert(operator.clone(), serde_json::json!({ key: values }));
            }
            let document = serde_json::json!({
                "Version": actions.first(),
                "Statement": [{
                    "Sid": resources.first(),
                    "Effect": "Allow",
                    "Principal": {"AWS": resources, "Federated": actions, "Service": actions},
                    "Action": actions,
                    "Resource": resources,
                    "Condition": condition,
                }],
            });
            check_document(&document.to_string());
        });
}

/// Words of the language in any order, which reach deeper than letters in any order.
#[test]
fn any_order_of_the_languages_own_words() {
    const WORDS: [&str; 24] = [
        "*",
        "?",
        ":",
        "/",
        "${",
        "}",
        ",",
        "'",
        "arn:",
        "aws",
        "a",
        "A",
        "b",
        " ",
        "aws:TagKeys",
        "aws:RequestTag/",
        "aws:SourceIp",
        "10.0.0.0/8",
        "Null",
        "StringEquals",
        "ForAllValues:",
        "IfExists",
        "NumericLessThan",
        "sts:AssumeRole",
    ];
    check!().with_type::<Vec<Vec<u8>>>().for_each(|choices| {
        let text = |choice: &Vec<u8>| -> String {
            let words = choice
                .iter()
                .map(|at| WORDS.iter().cycle().nth(usize::from(*at)));
            words.flatten().copied().collect()
        };
        let texts: Vec<String> = choices.iter().map(text).collect();
        let one = |at: usize| texts.get(at).cloned().unwrap_or_default();
        let document = serde_json::json!({
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": texts},
                "Action": texts,
                "Resource": texts,
                "Condition": {one(0): {one(1): texts}, one(2): {one(3): one(4)}},
            },
        });
        check_document(&document.to_string());
    });
}
