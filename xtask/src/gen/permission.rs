//! The module `permission`: one struct for each IAM action that built operations need.

use super::built::Built;
use super::conditions::{Kind, conditions};
use crate::model::{Action, ResourceUse};
use crate::names::{snake, type_name};
use crate::outcome::{During, Outcome};
use std::collections::{BTreeMap, BTreeSet};

/// The text of the module.
pub fn text(built: &Built) -> Outcome<String> {
    let mut guarded: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (operation, facts) in built.facts() {
        for (at, permission) in facts.permissions.iter().enumerate() {
            let guards = guarded.entry(permission).or_default();
            guards.extend((at == 0).then_some(operation.as_str()));
        }
    }
    let mut text = String::new();
    let mut kinds = BTreeSet::new();
    for (permission, operations) in guarded {
        text += &self::permission(built, permission, &operations, &mut kinds).during(permission)?;
    }
    text.extend(kinds.into_iter().map(Kind::answer));
    Ok(text)
}

/// The action a permission names.
pub fn action<'a>(built: &'a Built, permission: &str) -> Outcome<&'a Action> {
    let name = permission.strip_prefix(&format!("{}:", built.model.metadata.name));
    let action = name.and_then(|name| built.model.actions.get(name));
    action.ok_or_else(|| format!("the reference has no action {permission}").into())
}

fn permission(
    built: &Built,
    permission: &str,
    operations: &[&str],
    kinds: &mut BTreeSet<Kind>,
) -> Outcome<String> {
    let action = action(built, permission)?;
    let name = type_name(permission.rsplit(':').next().unwrap_or_default());
    let (mut fields, resources) = resources(&action.resources);
    let [mut held, mut arms] = [const { BTreeSet::new() }; 2];
    for condition in conditions(&built.model, action)? {
        if let Some(rust) = condition.kind.rust() {
            held.insert(format!("pub {}: {rust},\n", condition.field));
        }
        arms.insert(condition.arm());
        kinds.insert(condition.kind);
    }
    fields.extend(held);
    let guards: String = operations
        .iter()
        .map(|operation| {
            format!("impl policy::Guards<crate::operations::{operation}> for {name} {{}}\n")
        })
        .collect();
    let each = if resources.is_empty() { "_" } else { "each" };
    let condition = match arms.is_empty() {
        true => "let _ = (key, each);\nfalse".to_owned(),
        false => {
            let arms: String = arms.into_iter().collect();
            format!("match (key.name(), key.qualifier()) {{ {arms} _ => false }}")
        }
    };
    Ok(format!(
        "
        /// `{permission}`.
        #[derive(Clone)]
        pub struct {name} {{ {fields} }}

        impl policy::Permission for {name} {{
            fn action(&self) -> &'static str {{ {permission:?} }}
            fn resources(&self, {each}: &mut dyn FnMut(&dyn policy::Resource)) {{ {resources} }}
            fn condition(&self, key: &policy::ConditionKey, each: &mut dyn FnMut(policy::Value<'_>)) -> bool {{
                {condition}
            }}
        }}

        {guards}"
    ))
}

/// The fields of the resources, and the body of `resources`.
fn resources(used: &BTreeMap<String, ResourceUse>) -> (String, String) {
    let [mut fields, mut body] = [const { String::new() }; 2];
    for (name, used) in used {
        let field = snake(name);
        let resource = "std::sync::Arc<dyn policy::Resource>";
        if used.required {
            fields += &format!("pub {field}: {resource},\n");
            body += &format!("each(self.{field}.as_ref());\n");
        } else {
            fields += &format!("pub {field}: Option<{resource}>,\n");
            body += &format!("if let Some(it) = &self.{field} {{ each(it.as_ref()); }}\n");
        }
    }
    (fields, body)
}
