//! The service model as botocore holds it: `data/S/VERSION/service-2.json` and `paginators-1.json`.

use super::ordered::Ordered;
use crate::command::{command, filter};
use crate::model::{self, ErrorShape, Metadata, Operation, Protocol, Shape};
use crate::outcome::{During, Outcome};
use crate::workspace;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What the model says of one service.
pub struct Api {
    pub metadata: Metadata,
    pub operations: BTreeMap<String, Operation>,
    pub errors: BTreeMap<String, ErrorShape>,
    pub shapes: BTreeMap<String, Shape>,
    pub paginators: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct RawModel {
    metadata: RawMetadata,
    operations: BTreeMap<String, RawOperation>,
    shapes: BTreeMap<String, RawShape>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMetadata {
    api_version: String,
    endpoint_prefix: String,
    signing_name: Option<String>,
    service_full_name: String,
    protocol: String,
    json_version: Option<String>,
    #[serde(default)]
    target_prefix: String,
    #[serde(default)]
    xml_namespace: String,
}

#[derive(Deserialize)]
struct RawOperation {
    input: Option<RawReference>,
    output: Option<RawReference>,
    #[serde(default)]
    errors: Vec<RawReference>,
    #[serde(default)]
    idempotent: bool,
    authtype: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawReference {
    shape: String,
    location_name: Option<String>,
    #[serde(default)]
    result_wrapper: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawShape {
    #[serde(rename = "type")]
    kind: String,
    members: Ordered<RawReference>,
    required: Vec<String>,
    member: Option<RawReference>,
    key: Option<RawReference>,
    value: Option<RawReference>,
    #[serde(rename = "enum")]
    values: Vec<String>,
    min: Option<i64>,
    max: Option<i64>,
    pattern: String,
    sensitive: bool,
    flattened: bool,
    exception: bool,
    fault: bool,
    error: Option<RawError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawError {
    code: Option<String>,
    http_status_code: Option<u16>,
    #[serde(default)]
    sender_fault: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawPaginators {
    pagination: BTreeMap<String, serde_json::Value>,
}

/// Reads the newest model of one service.
pub fn read(package: &Path, service: &str) -> Outcome<Api> {
    let versions = workspace::entries(&package.join("data").join(service))?;
    let newest = versions
        .into_iter()
        .rfind(|it| it.is_dir())
        .ok_or("no version")?;
    let raw: RawModel =
        serde_json::from_slice(&text(&newest, "service-2.json")?).during(service)?;
    let paginators: RawPaginators = match text(&newest, "paginators-1.json") {
        Ok(text) => serde_json::from_slice(&text).during(service)?,
        Err(_) => RawPaginators::default(),
    };
    let (errors, shapes): (BTreeMap<_, _>, BTreeMap<_, _>) = raw
        .shapes
        .into_iter()
        .partition(|(_, shape)| shape.exception || shape.error.is_some());
    let mut facts = BTreeMap::new();
    for (name, shape) in shapes {
        facts.insert(name.clone(), shape.fact().during(name)?);
    }
    Ok(Api {
        metadata: raw.metadata.fact()?,
        operations: raw
            .operations
            .into_iter()
            .map(|(name, it)| (name, it.fact()))
            .collect(),
        errors: errors.into_iter().map(RawShape::error).collect(),
        shapes: facts,
        paginators: paginators.pagination,
    })
}

/// A file of the model; wheels carry it compressed.
fn text(folder: &Path, name: &str) -> Outcome<Vec<u8>> {
    let path = folder.join(name);
    if path.exists() {
        return std::fs::read(&path).during(path.display());
    }
    let packed = folder.join(format!("{name}.gz"));
    let bytes = std::fs::read(&packed).during(packed.display())?;
    let script =
        "import gzip, sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))";
    filter(command("python3", ["-c", script]), &bytes)
}

impl RawMetadata {
    fn fact(self) -> Outcome<Metadata> {
        let protocol = match (self.protocol.as_str(), self.json_version.as_deref()) {
            ("json", Some("1.0")) => Protocol::Json10,
            ("json", Some("1.1")) => Protocol::Json11,
            ("query", _) => Protocol::Query,
            ("smithy-rpc-v2-cbor", _) => Protocol::Cbor,
            (other, _) => return Err(format!("the protocol {other} is not spoken yet").into()),
        };
        Ok(Metadata {
            name: self.signing_name.unwrap_or(self.endpoint_prefix),
            full_name: self.service_full_name,
            api_version: self.api_version,
            protocol,
            target_prefix: self.target_prefix,
            xml_namespace: self.xml_namespace,
            global: false,
        })
    }
}

impl RawOperation {
    fn fact(self) -> Operation {
        let wrapper = self.output.as_ref().map(|it| it.result_wrapper.clone());
        Operation {
            input: self.input.map(|it| it.shape),
            output: self.output.map(|it| it.shape),
            result_wrapper: wrapper.unwrap_or_default(),
            errors: self.errors.into_iter().map(|it| it.shape).collect(),
            idempotent: self.idempotent,
            anonymous: self.authtype.as_deref() == Some("none"),
            permissions: Vec::new(),
            read_only: None,
        }
    }
}

impl RawShape {
    fn fact(self) -> Outcome<Shape> {
        let (min, max) = (self.min, self.max);
        let (pattern, sensitive, flattened) = (self.pattern, self.sensitive, self.flattened);
        Ok(match self.kind.as_str() {
            "boolean" => Shape::Boolean {},
            "integer" => Shape::Integer(model::Numbers { min, max }),
            "long" => Shape::Long(model::Numbers { min, max }),
            "float" => Shape::Float {},
            "double" => Shape::Double {},
            "timestamp" => Shape::Timestamp {},
            "string" if !self.values.is_empty() => Shape::Enum {
                values: self.values,
            },
            "string" => Shape::String(model::Text {
                min,
                max,
                pattern,
                sensitive,
            }),
            "blob" => Shape::Blob(model::Text {
                min,
                max,
                pattern,
                sensitive,
            }),
            "list" => {
                let member = self.member.ok_or("a list without member")?;
                let member_name = member.location_name.unwrap_or_else(|| "member".into());
                let member = member.shape;
                Shape::List(model::List {
                    member,
                    member_name,
                    flattened,
                    min,
                    max,
                })
            }
            "map" => {
                let key = self.key.ok_or("a map without key")?;
                let value = self.value.ok_or("a map without value")?;
                let name = |of: &RawReference, usual: &str| {
                    of.location_name.clone().unwrap_or(usual.into())
                };
                let names = (name(&key, "key"), name(&value, "value"));
                let (key, value) = (key.shape, value.shape);
                Shape::Map(model::Map {
                    key,
                    value,
                    names,
                    flattened,
                    min,
                    max,
                })
            }
            "structure" => Shape::Structure {
                members: members(self.members, &self.required),
            },
            other => return Err(format!("shapes of type {other} are not known").into()),
        })
    }

    /// An error: Query models say its code and status; in JSON its code is its name, and its status 400,
    /// or 500 for a fault of the service.
    fn error((name, shape): (String, Self)) -> (String, ErrorShape) {
        let usual = if shape.fault { 500 } else { 400 };
        let fact = match shape.error {
            Some(error) => ErrorShape {
                code: error.code.unwrap_or_else(|| name.clone()),
                status: error.http_status_code.unwrap_or(usual),
                sender: error.sender_fault,
            },
            None => ErrorShape {
                code: name.clone(),
                status: usual,
                sender: !shape.fault,
            },
        };
        (name, fact)
    }
}

fn members(members: Ordered<RawReference>, required: &[String]) -> Vec<model::Member> {
    let member = |(name, reference): (String, RawReference)| model::Member {
        required: required.contains(&name),
        wire_name: reference.location_name.filter(|it| *it != name),
        shape: reference.shape,
        name,
    };
    members.0.into_iter().map(member).collect()
}
