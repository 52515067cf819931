//! A policy document with operators, read and checked.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::ManagementKind;
use super::operators::{APPEND, ASSIGN, CONTROL, Operators, REMOVE};
use super::shape::{Shape, Words};
use super::value::{Value, list};
use crate::organization::MalformedContent;

/// How deep groups of settings may lie in each other. The deepest that AWS documents is eight.
const DEEPEST: usize = 16;
/// Longest document that is looked at, in bytes: AWS's limit of 10,000 characters, each of them of four.
const LONGEST: usize = 40_000;

/// The document of a policy that sets up services. Cloning is cheap.
#[derive(Clone)]
pub struct ManagementDocument {
    text: Arc<str>,
    top: Arc<Node>,
}

/// A setting, or a group of them.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) assign: Option<Value>,
    pub(super) append: Option<Vec<Json>>,
    pub(super) remove: Option<Vec<Json>>,
    pub(super) allowed: Option<Operators>,
    /// By the name that is compared, with the name as written.
    pub(super) children: BTreeMap<String, (String, Node)>,
}

impl ManagementDocument {
    /// Reads a document of this kind.
    ///
    /// # Errors
    /// It is no JSON, says a thing twice, is not of the shape of its kind, or is a tag policy to be enforced.
    pub fn parse(kind: ManagementKind, text: &str) -> Result<Self, MalformedContent> {
        if text.len() > LONGEST {
            return Err(MalformedContent::Grammar);
        }
        let Strict(json) = serde_json::from_str(text).map_err(|_| MalformedContent::Grammar)?;
        let top = Node::read(&json, kind.shape(), 0).ok_or_else(|| refusal(kind, &json))?;
        let named_alike = kind != ManagementKind::Tag || top.tag_keys_are_those_named();
        if top.children.len() != 1 || top.has_value() || !named_alike {
            return Err(MalformedContent::Grammar);
        }
        Ok(Self {
            text: text.into(),
            top: Arc::new(top),
        })
    }
    /// The document as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }
    pub(super) fn top(&self) -> &Node {
        &self.top
    }
    /// Whether it says anything at this place.
    pub(super) fn is_about(&self, path: &[String]) -> bool {
        let mut node = Some(self.top());
        for name in path {
            node = node.and_then(|node| node.children.get(name).map(|(_, child)| child));
        }
        node.is_some()
    }
}

/// Why this is not read.
fn refusal(kind: ManagementKind, json: &Json) -> MalformedContent {
    let tags = json.get("tags").and_then(Json::as_object);
    let mut tags = tags.into_iter().flat_map(|tags| tags.values());
    match kind == ManagementKind::Tag && tags.any(|tag| tag.get("enforced_for").is_some()) {
        true => MalformedContent::Enforcement,
        false => MalformedContent::Grammar,
    }
}

impl fmt::Debug for ManagementDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl PartialEq for ManagementDocument {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Node {
    fn read(json: &Json, shape: &Shape, depth: usize) -> Option<Self> {
        let members = json.as_object().filter(|_| depth <= DEEPEST)?;
        let mut node = Self::default();
        for (name, json) in members {
            match name.as_str() {
                CONTROL => node.allowed = Some(Operators::parse(json)?),
                ASSIGN => node.assign = Some(shape.value(json)?),
                APPEND => node.append = Some(shape.list(json)?),
                REMOVE => node.remove = Some(shape.list(json)?),
                name if name.starts_with("@@") || name.is_empty() => return None,
                name => {
                    let child = Self::read(json, shape.under(name)?, depth + 1)?;
                    let compared = shape.compared(name);
                    let before = node.children.insert(compared, (name.to_owned(), child));
                    if before.is_some() {
                        return None;
                    }
                }
            }
        }
        let both = node.has_value() && !node.children.is_empty();
        (!both).then_some(node)
    }

    fn has_value(&self) -> bool {
        self.assign.is_some() || self.append.is_some() || self.remove.is_some()
    }

    /// AWS: a tag key is what its policy key says, save for the case of letters.
    fn tag_keys_are_those_named(&self) -> bool {
        let tags = self.children.get("tags").into_iter();
        let mut tags = tags.flat_map(|(_, tags)| &tags.children);
        tags.all(|(named, (_, tag))| {
            let key = tag.children.get("tag_key");
            let key = key.and_then(|(_, key)| key.assign.as_ref());
            key.is_none_or(|key| key.texts().all(|key| key.to_lowercase() == *named))
        })
    }
}

impl Shape {
    fn value(&self, json: &Json) -> Option<Value> {
        let value = Value::parse(json)?;
        match (self, &value) {
            (Self::Any, _) => Some(value),
            (Self::One(words), Value::One(one)) => words.take(one).then_some(value),
            (Self::Many(_), Value::Many(_)) => self.list(json).map(Value::Many),
            _ => None,
        }
    }
    fn list(&self, json: &Json) -> Option<Vec<Json>> {
        let words = match self {
            Self::Any => &Words::Any,
            Self::Many(words) => words,
            _ => return None,
        };
        list(json).filter(|values| values.iter().all(|value| words.take(value)))
    }
}

/// JSON in which no object has two members of one name.
struct Strict(Json);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        Ok(value.into())
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }
    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = from.next_element()? {
            values.push(value);
        }
        Ok(Json::Array(values))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let mut members = serde_json::Map::new();
        while let Some((name, Strict(value))) = from.next_entry::<String, Strict>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member stands twice"));
            }
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ManagementKind::{
        AiServicesOptOut, Backup, GuardDuty, S3, SecurityHub, Tag, UpgradeRollout,
    };

    #[test]
    fn what_is_a_document_of_its_kind() {
        for (kind, text) in [
            (
                Tag,
                r#"{"tags":{"costcenter":{"tag_key":{"@@assign":"CostCenter"},"tag_value":{"@@assign":["100","200*"]},"report_required_tag_for":{"@@append":["secretsmanager:*"]}}}}"#,
            ),
            (
                Tag,
                r#"{"tags":{"@@operators_allowed_for_child_policies":["@@none"],"a":{}}}"#,
            ),
            (
                Tag,
                r#"{"tags":{"a":{"tag_value":{"@@operators_allowed_for_child_policies":["@@append","@@remove"]}}}}"#,
            ),
            (
                AiServicesOptOut,
                r#"{"services":{"default":{"opt_out_policy":{"@@assign":"optOut"}}}}"#,
            ),
            (
                Backup,
                r#"{"plans":{"p":{"regions":{"@@assign":["us-east-1"]},"rules":{"r":{"enable_continuous_backup":{"@@assign":false},"lifecycle":{"delete_after_days":{"@@assign":"270"}}}}}}}"#,
            ),
            (
                SecurityHub,
                r#"{"securityhub":{"enable_in_regions":{"@@append":["ALL_SUPPORTED"]},"disable_in_regions":{"@@append":[]}}}"#,
            ),
            (
                UpgradeRollout,
                r#"{"upgrade_rollout":{"default":{"patch_order":{"@@assign":"last"}},"tags":{"t":{"tag_values":{"v":{"patch_order":{"@@assign":"first"}}}}}}}"#,
            ),
            (
                S3,
                r#"{"s3_attributes":{"public_access_block_configuration":{"@@assign":"all"}}}"#,
            ),
            (
                GuardDuty,
                r#"{"guardduty":{"anything":{"at":{"@@assign":[1,true,"x"]}}}}"#,
            ),
        ] {
            let document = ManagementDocument::parse(kind, text);
            assert_eq!(document.map(|it| it.text().to_owned()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_is_not() {
        let deep = format!(
            r#"{}{{"@@assign":1}}{}"#,
            r#"{"a":"#.repeat(17),
            "}".repeat(17)
        );
        let long = format!(r#"{{"a":{{"@@assign":"{}"}}}}"#, "x".repeat(LONGEST));
        for (kind, text) in [
            (Tag, ""),
            (Tag, "[]"),
            (Tag, "{}"),
            (Tag, r#"{"tags":[]}"#),
            (Tag, r#"{"tags":{}} {}"#),
            (Tag, "\u{feff}{\"tags\":{}}"),
            (Tag, r#"{"tags":{},"tags":{}}"#),
            (Tag, r#"{"tags":{"a":{},"A":{}}}"#),
            (Tag, r#"{"services":{}}"#),
            (Tag, r#"{"tags":{"a":{"tag_key":{"@@assign":"b"}}}}"#),
            (Tag, r#"{"tags":{"a":{"tag_key":"a"}}}"#),
            (Tag, r#"{"tags":{"a":{"tag_key":{"@@append":["a"]}}}}"#),
            (Tag, r#"{"tags":{"a":{"tag_value":{"@@assign":"a"}}}}"#),
            (Tag, r#"{"tags":{"a":{"tag_value":{"@@assign":["*a*"]}}}}"#),
            (Tag, r#"{"tags":{"a":{"tag_value":{"@@set":["a"]}}}}"#),
            (
                Tag,
                r#"{"tags":{"a":{"report_required_tag_for":{"@@assign":["*:*"]}}}}"#,
            ),
            (Tag, r#"{"tags":{"a":{"other":{"@@assign":["a"]}}}}"#),
            (Tag, r#"{"tags":{"@@assign":"a"}}"#),
            (
                AiServicesOptOut,
                r#"{"services":{"lex":{"opt_out_policy":{"@@assign":"OptOut"}}}}"#,
            ),
            (
                AiServicesOptOut,
                r#"{"services":{"lex":{"opt_out_policy":{"@@append":["optOut"]}}}}"#,
            ),
            (
                S3,
                r#"{"s3_attributes":{"public_access_block_configuration":{"@@assign":["all"]}}}"#,
            ),
            (GuardDuty, r#"{"a":{"@@assign":{"x":1}}}"#),
            (GuardDuty, r#"{"a":{"@@assign":null}}"#),
            (GuardDuty, r#"{"a":{"@@assign":[[1]]}}"#),
            (GuardDuty, r#"{"a":{"@@assign":1,"b":{}}}"#),
            (GuardDuty, r#"{"@@assign":1}"#),
            (GuardDuty, r#"{"a":{},"b":{}}"#),
            (GuardDuty, &deep),
            (GuardDuty, &long),
        ] {
            let document = ManagementDocument::parse(kind, text);
            assert_eq!(document, Err(MalformedContent::Grammar), "{text}");
        }
    }

    #[test]
    fn tag_policies_that_shall_be_enforced() {
        for text in [
            r#"{"tags":{"a":{"enforced_for":{"@@assign":["secretsmanager:*"]}}}}"#,
            r#"{"tags":{"b":{},"a":{"enforced_for":{"@@append":["kms:key"]}}}}"#,
            r#"{"tags":{"a":{"enforced_for":{"@@remove":["kms:key"]}}}}"#,
            r#"{"tags":{"a":{"enforced_for":{}}}}"#,
        ] {
            let document = ManagementDocument::parse(Tag, text);
            assert_eq!(document, Err(MalformedContent::Enforcement), "{text}");
        }
        let other = r#"{"tags":{"a":{"enforced_for":{}}}}"#;
        let document = ManagementDocument::parse(Backup, other);
        assert_eq!(document, Err(MalformedContent::Grammar));
    }
}
