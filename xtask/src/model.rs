//! `model.json`: the facts of one service, as `cargo x import` writes and `cargo x gen` reads them.

use crate::outcome::{During, Outcome};
use crate::patch;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that is known of a service. Maps are sorted, so that a newer model makes a small difference.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    pub provenance: Vec<Provenance>,
    pub metadata: Metadata,
    pub operations: BTreeMap<String, Operation>,
    pub errors: BTreeMap<String, ErrorShape>,
    pub shapes: BTreeMap<String, Shape>,
    pub paginators: BTreeMap<String, serde_json::Value>,
    pub actions: BTreeMap<String, Action>,
    pub resource_types: BTreeMap<String, ResourceType>,
    pub condition_keys: BTreeMap<String, ConditionKey>,
}

/// A public package that facts were taken from.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    pub package: String,
    pub version: String,
    pub licence: String,
    /// Which part of the model it gave.
    pub gave: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// Signing name and IAM prefix.
    pub name: String,
    pub full_name: String,
    pub api_version: String,
    pub protocol: Protocol,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target_prefix: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub xml_namespace: String,
    /// Whether one endpoint serves all regions.
    #[serde(default, skip_serializing_if = "is_false")]
    pub global: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    Json10,
    Json11,
    Query,
    Cbor,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub result_wrapper: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub idempotent: bool,
    /// Whether it is called without a signature.
    #[serde(default, skip_serializing_if = "is_false")]
    pub anonymous: bool,
    /// The IAM actions it needs; the first guards it, the others are asked for where the input calls for them.
    #[serde(default)]
    pub permissions: Vec<String>,
    /// `readOnly` of its audit records, where the access level of its first permission does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorShape {
    pub code: String,
    pub status: u16,
    /// Whether the caller is at fault.
    pub sender: bool,
}

/// One shape, by its type.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub enum Shape {
    Boolean {},
    Integer(Numbers),
    Long(Numbers),
    Float {},
    Double {},
    Timestamp {},
    String(Text),
    Enum { values: Vec<String> },
    Blob(Text),
    List(List),
    Map(Map),
    Structure { members: Vec<Member> },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbers {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
}

/// A string or a blob; a blob has no pattern.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pattern: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    pub member: String,
    #[serde(default = "member", skip_serializing_if = "is_member")]
    pub member_name: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub flattened: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    pub key: String,
    pub value: String,
    #[serde(default = "entry", skip_serializing_if = "is_entry")]
    pub names: (String, String),
    #[serde(default, skip_serializing_if = "is_false")]
    pub flattened: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub name: String,
    pub shape: String,
    /// The name on the wire, where it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire_name: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
}

/// An IAM action.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    pub access_level: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resources: BTreeMap<String, ResourceUse>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub condition_keys: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependent_actions: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceUse {
    pub required: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceType {
    pub arn: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub condition_keys: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionKey {
    #[serde(rename = "type")]
    pub kind: String,
    /// Who knows its value, where it is not the operation: `pipeline`, `principal`, `resource` or `nobody`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplied_by: Option<String>,
}

impl Model {
    /// The model of a service, corrected by its patch.
    pub fn load(service: &str) -> Outcome<Self> {
        let folder = crate::workspace::service(service);
        let mut facts = patch::json(&folder.join("model.json"))?;
        patch::apply(&folder.join("model.patch.json"), &mut facts)?;
        serde_json::from_value(facts).during(format!("services/{service}/model.json, patched"))
    }

    /// The shape of this name.
    pub fn shape(&self, name: &str) -> Outcome<&Shape> {
        self.shapes
            .get(name)
            .ok_or_else(|| format!("the model has no shape {name}").into())
    }
}

fn is_false(value: &bool) -> bool {
    !value
}
fn member() -> String {
    "member".into()
}
fn is_member(name: &str) -> bool {
    name == "member"
}
fn entry() -> (String, String) {
    ("key".into(), "value".into())
}
fn is_entry(names: &(String, String)) -> bool {
    *names == entry()
}
