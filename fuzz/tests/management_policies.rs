//! Policies that set up services: whatever their documents say, what they come to is without operators, and what a level
//! closes stays closed.
#![allow(
    clippy::indexing_slicing,
    reason = "of lists and objects that the test itself has made"
)]

use bolero::{TypeGenerator, check};
use identity::organization::{EffectivePolicy, ManagementDocument, ManagementKind};
use serde_json::{Value, json};

const KIND: ManagementKind = ManagementKind::Tag;
const CONTROL: &str = "@@operators_allowed_for_child_policies";

/// What a policy says of one tag.
#[derive(Debug, TypeGenerator)]
struct Said {
    tag: u8,
    operator: u8,
    values: Vec<u8>,
    allowed: u8,
    whole: bool,
}

impl Said {
    fn name(&self) -> &'static str {
        ["a", "b", "A", "c/~"][usize::from(self.tag % 4)]
    }
    fn allowed(&self) -> Option<Value> {
        match self.allowed % 5 {
            0 => Some(json!(["@@none"])),
            1 => Some(json!(["@@append"])),
            2 => Some(json!(["@@assign", "@@remove"])),
            3 => Some(json!(["@@all"])),
            _ => None,
        }
    }
    fn tag(&self) -> Value {
        let operator = ["@@assign", "@@append", "@@remove"][usize::from(self.operator % 3)];
        let values = self.values.iter().map(|value| (value % 8).to_string());
        let mut setting = json!({operator: values.collect::<Vec<_>>()});
        let mut tag = json!({});
        if let Some(allowed) = self.allowed() {
            let place = if self.whole { &mut tag } else { &mut setting };
            place[CONTROL] = allowed;
        }
        tag["tag_value"] = setting;
        tag
    }
}

fn document(said: &[Said]) -> Option<ManagementDocument> {
    let mut tags = json!({});
    for said in said {
        tags[said.name()] = said.tag();
    }
    ManagementDocument::parse(KIND, &json!({"tags": tags}).to_string()).ok()
}

/// As the root's document, with everything closed to those below.
fn closed(said: &[Said]) -> Option<ManagementDocument> {
    let none = || json!(["@@none"]);
    let mut tags = json!({CONTROL: none()});
    for said in said {
        let mut tag = said.tag();
        tag[CONTROL] = none();
        tag["tag_value"][CONTROL] = none();
        tags[said.name()] = tag;
    }
    ManagementDocument::parse(KIND, &json!({"tags": tags}).to_string()).ok()
}

fn no_value_twice(json: &Value) -> bool {
    match json {
        Value::Object(members) => members.values().all(no_value_twice),
        Value::Array(values) => {
            let first = |(place, value)| values.iter().position(|it| it == value) == Some(place);
            values.iter().enumerate().all(first)
        }
        _ => true,
    }
}

#[test]
fn any_text() {
    check!().for_each(|bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        for kind in ManagementKind::ALL {
            if let Ok(document) = ManagementDocument::parse(kind, text) {
                let levels = [vec![&document], vec![&document]];
                let policy = EffectivePolicy::of(kind, &levels);
                assert_eq!(policy.is_valid(), policy.defects(&levels).is_empty());
            }
        }
    });
}

#[test]
fn any_levels() {
    check!()
        .with_type::<Vec<Vec<Vec<Said>>>>()
        .for_each(|levels| {
            let documents = levels.iter().map(|level| {
                let documents = level.iter().filter_map(|said| document(said));
                documents.collect::<Vec<_>>()
            });
            let documents: Vec<Vec<ManagementDocument>> = documents.collect();
            let below = documents.iter().map(|level| level.iter().collect());
            let below: Vec<Vec<&ManagementDocument>> = below.collect();
            let text = EffectivePolicy::of(KIND, &below).text();
            assert!(!text.contains("@@"), "{text}");
            assert!(
                no_value_twice(&serde_json::from_str(&text).unwrap_or_default()),
                "{text}"
            );
            let root = levels.first().and_then(|level| level.first());
            if let Some(root) = root.and_then(|said| closed(said)) {
                let alone = EffectivePolicy::of(KIND, &[vec![&root]]).text();
                let mut all = vec![vec![&root]];
                all.extend(below);
                assert_eq!(EffectivePolicy::of(KIND, &all).text(), alone);
            }
        });
}
