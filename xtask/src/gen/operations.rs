//! The module `operations`: the service's facts and one type an operation that is built.

use super::built::Built;
use crate::model::{Operation, Protocol};
use crate::names::type_name;
use crate::outcome::{During, Outcome};

/// The text of the module.
pub fn text(built: &Built) -> Outcome<String> {
    let mut text = service(built);
    for (name, operation) in built.facts() {
        text += &self::operation(built, name, operation).during(name)?;
    }
    Ok(text)
}

fn service(built: &Built) -> String {
    let it = &built.model.metadata;
    let protocol = match it.protocol {
        Protocol::Json10 => "Json10",
        Protocol::Json11 => "Json11",
        Protocol::Query => "Query",
        Protocol::Cbor => "Cbor",
    };
    let operations: Vec<&String> = built.model.operations.keys().collect();
    format!(
        "
        /// What is known of the service.
        pub static SERVICE: wire::ServiceFacts = wire::ServiceFacts {{
            name: {name:?},
            full_name: {full_name:?},
            api_version: {api_version:?},
            protocol: wire::Protocol::{protocol},
            target_prefix: {target_prefix:?},
            xml_namespace: {xml_namespace:?},
            event_source: \"{name}.amazonaws.com\",
            global: {global},
            operations: &{operations:?},
        }};\n",
        name = it.name,
        full_name = it.full_name,
        api_version = it.api_version,
        target_prefix = it.target_prefix,
        xml_namespace = it.xml_namespace,
        global = it.global,
    )
}

fn operation(built: &Built, name: &str, operation: &Operation) -> Outcome<String> {
    let read_only = read_only(built, operation)?;
    let [input, output] = [&operation.input, &operation.output].map(|body| match body {
        Some(shape) => format!("crate::shapes::{}", type_name(shape)),
        None => "wire::Empty".into(),
    });
    let wrapper = &operation.result_wrapper;
    let anonymous = match operation.anonymous {
        true => format!("impl wire::Anonymous for {name} {{}}\n"),
        false => String::new(),
    };
    Ok(format!(
        "
        /// `{service}:{name}`.
        #[derive(Clone, Copy, Debug)]
        pub struct {name};

        impl wire::Api for {name} {{
            type Input = {input};
            type Output = {output};
            const FACTS: &'static wire::Facts = &wire::Facts {{
                service: &SERVICE,
                name: {name:?},
                read_only: {read_only},
                result_wrapper: {wrapper:?},
            }};
        }}\n{anonymous}",
        service = built.model.metadata.name,
    ))
}

/// `readOnly` of the audit record: said by the patch, or by the access level of the guarding permission.
fn read_only(built: &Built, operation: &Operation) -> Outcome<bool> {
    if let Some(read_only) = operation.read_only {
        return Ok(read_only);
    }
    let permission = operation
        .permissions
        .first()
        .ok_or("no permission guards it")?;
    let action = super::permission::action(built, permission)?;
    Ok(matches!(action.access_level.as_str(), "Read" | "List"))
}
