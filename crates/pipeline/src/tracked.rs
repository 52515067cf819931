//! The services of this server as reports on access see them: what each can be asked, and by which action that is allowed.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::{Failure, Service};

/// One service.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackedService {
    /// Its namespace in policies, as `kms`.
    pub namespace: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// `eventSource` of its records.
    pub source: &'static str,
    /// Its actions without the namespace, as `Encrypt`, and the operations each allows. One that allows none of its own,
    /// as `iam:PassRole`, leaves no trace in records.
    pub actions: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Model {
    actions: BTreeMap<String, IgnoredAny>,
    operations: BTreeMap<String, Operation>,
}

#[derive(Deserialize)]
struct Operation {
    #[serde(default)]
    permissions: Vec<String>,
}

/// Reads the models of `services`.
pub(crate) fn tracked(
    services: impl Iterator<Item = &'static Service>,
) -> Result<Vec<TrackedService>, Failure> {
    let mut all = services.map(service).collect::<Result<Vec<_>, _>>()?;
    all.sort_by_key(|service| service.namespace);
    Ok(all)
}

fn service(service: &'static Service) -> Result<TrackedService, Failure> {
    let model: Model = serde_json::from_str(service.model).map_err(Failure::internal)?;
    let namespace = service.facts.name;
    let actions = model.actions.into_keys();
    let mut actions: BTreeMap<_, _> = actions.map(|action| (action, Vec::new())).collect();
    for (name, operation) in model.operations {
        // What else an operation needs, it needs for a part of what it does.
        let first = operation.permissions.first();
        let action = first.and_then(|action| action.strip_prefix(namespace)?.strip_prefix(':'));
        if let Some(operations) = action.and_then(|action| actions.get_mut(action)) {
            operations.push(name);
        }
    }
    Ok(TrackedService {
        namespace,
        name: service.facts.full_name,
        source: service.facts.event_source,
        actions,
    })
}
