//! A second reading of AWS's documentation: slow, obvious, and sharing nothing with the engine.
//! It works on the model below, never on what the engine has parsed.

use crate::oracle_callers::{needed_to_be_spared, ways_named};
use crate::oracle_text::{Symbol, arn_like, expanded, like, symbols};
use crate::oracle_values::{bool_of, date_of, in_network, number, number_of, same_bytes, text_of};
use crate::support::{Fact, HOME};

/// A policy. `second` is version 2012-10-17, which knows variables.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) second: bool,
    pub(crate) statements: Vec<Rule>,
}

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) allow: bool,
    pub(crate) not_principal: bool,
    /// Type and name; empty in policies that are attached to principals. `*` of type `*` is the bare star.
    pub(crate) principals: Vec<(String, String)>,
    pub(crate) not_action: bool,
    pub(crate) actions: Vec<String>,
    pub(crate) not_resource: bool,
    /// Empty in trust policies; and in key policies, where the statement then is about nothing.
    pub(crate) resources: Vec<String>,
    pub(crate) conditions: Vec<(String, String, Vec<String>)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Resources without policies.
    Plain,
    /// A resource whose policy may be missing.
    Ordinary,
    Key,
    Trust,
}

/// Every policy there is.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) kind: Kind,
    pub(crate) resource_policy: Option<Document>,
    /// ARNs in policies that name principals, which mean whoever has this unique id.
    pub(crate) bound: Vec<(String, String)>,
    pub(crate) identity: Vec<Document>,
    pub(crate) boundary: Option<Document>,
    pub(crate) session: Option<Vec<Document>>,
    pub(crate) service_control: Vec<Vec<Document>>,
    pub(crate) resource_control: Vec<Vec<Document>>,
    pub(crate) endpoint: Option<Document>,
    /// Each a grant on the resource: statements that allow one and the same grantee.
    pub(crate) grants: Vec<Document>,
    /// Each an entry of the resource's access control list, in the same form.
    pub(crate) listed: Vec<Document>,
}

/// What is asked of it.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) caller: &'static str,
    pub(crate) action: String,
    /// ARN and owner.
    pub(crate) resource: Option<(String, String)>,
    pub(crate) facts: Vec<(String, Vec<Fact>)>,
}

#[derive(Clone, Copy)]
struct Scene<'a> {
    world: &'a World,
    question: &'a Question,
}

/// `allowed`, `denied by …`, or `not allowed by …`.
pub(crate) fn decide(world: &World, question: &Question) -> String {
    let scene = Scene { world, question };
    let (on_resource, its_type) = match (&world.resource_policy, world.kind) {
        _ if question.resource.is_none() => (None, "Resource"),
        (Some(policy), Kind::Trust) if question.action.to_lowercase().starts_with("sts:") => {
            (Some(policy), "Trust")
        }
        (_, Kind::Trust | Kind::Plain) => (None, "Resource"),
        (policy, _) => (policy.as_ref(), "Resource"),
    };
    let all_session: Vec<&Document> = world.session.iter().flatten().collect();
    let in_order: [(&str, Vec<&Document>); 7] = [
        (
            "ResourceControl",
            world.resource_control.iter().flatten().collect(),
        ),
        (
            "ServiceControl",
            world.service_control.iter().flatten().collect(),
        ),
        ("Endpoint", world.endpoint.iter().collect()),
        (its_type, on_resource.into_iter().collect()),
        ("Identity", world.identity.iter().collect()),
        ("Boundary", world.boundary.iter().collect()),
        ("Session", all_session),
    ];
    for (name, documents) in in_order {
        if documents.iter().any(|document| denies(document, scene)) {
            return format!("denied by {name}");
        }
    }
    match lacking(scene, on_resource, its_type) {
        Some(name) => format!("not allowed by {name}"),
        None => "allowed".to_owned(),
    }
}

/// The type of policy whose allow is missing.
fn lacking<'a>(
    scene: Scene<'_>,
    on_resource: Option<&Document>,
    its_type: &'a str,
) -> Option<&'a str> {
    let Scene { world, question } = scene;
    let allows = |documents: &[Document]| {
        documents.iter().any(|document| {
            allows(
                document,
                scene,
                &["attached", "itself", "entity", "account"],
            )
        })
    };
    if world.resource_control.iter().any(|level| !allows(level)) {
        return Some("ResourceControl");
    }
    if world.service_control.iter().any(|level| !allows(level)) {
        return Some("ServiceControl");
    }
    if world
        .endpoint
        .iter()
        .any(|policy| !allows(std::slice::from_ref(policy)))
    {
        return Some("Endpoint");
    }
    let any = |list: &[Document], way| list.iter().any(|one| self::allows(one, scene, &[way]));
    let named = |way| on_resource.is_some_and(|policy| self::allows(policy, scene, &[way]));
    // The access control list is as if the resource's policy said it.
    let names = |way| named(way) || any(&world.listed, way);
    let given = |way| any(&world.grants, way);
    let within_limits = || {
        if world
            .boundary
            .iter()
            .any(|policy| !allows(std::slice::from_ref(policy)))
        {
            return Some("Boundary");
        }
        let federated = question.caller.starts_with("federated");
        match &world.session {
            Some(policies) if !allows(policies) => Some("Session"),
            None if federated => Some("Session"),
            _ => None,
        }
    };
    let root = matches!(question.caller, "root" | "federated by root");
    let within_identity = || match root || allows(&world.identity) {
        true => within_limits(),
        false => Some("Identity"),
    };
    let owner = question.resource.as_ref().map_or(HOME, |(_, owner)| owner);
    let must_be_named = its_type == "Trust" || (world.kind == Kind::Key && on_resource.is_some());
    let named_at_all = names("itself") || names("entity") || names("account");
    match question.caller {
        "service" | "nobody" if names("itself") || given("itself") => None,
        "service" | "nobody" => Some(its_type),
        // A grant replaces the identity policy, wherever the grantee is at home.
        _ if owner != HOME && (given("itself") || given("entity")) => within_limits(),
        _ if owner != HOME && (named_at_all || given("account")) => within_identity(),
        _ if owner != HOME => Some(its_type),
        _ if names("itself") || given("itself") => None,
        _ if names("entity") || given("entity") => within_limits(),
        _ if must_be_named && !names("account") && !given("account") => Some(its_type),
        _ => within_identity(),
    }
}

fn denies(document: &Document, scene: Scene<'_>) -> bool {
    document.statements.iter().any(|rule| {
        !rule.allow && is_meant_to_be_denied(rule, scene) && fits(document, rule, scene)
    })
}

/// Whether a statement allows, naming the caller in one of these ways.
fn allows(document: &Document, scene: Scene<'_>, ways: &[&str]) -> bool {
    document.statements.iter().any(|rule| {
        let named = || ways_named(rule, scene.question.caller, &scene.world.bound);
        let reached = match (rule.principals.is_empty(), rule.not_principal) {
            (true, _) => ways.contains(&"attached"),
            (false, false) => {
                // The most direct way counts.
                let named = named();
                let way = ["itself", "entity", "account"]
                    .into_iter()
                    .find(|way| named.contains(way));
                way.is_some_and(|way| ways.contains(&way))
            }
            (false, true) => named().is_empty() && ways.contains(&"itself"),
        };
        rule.allow && reached && fits(document, rule, scene)
    })
}

fn is_meant_to_be_denied(rule: &Rule, scene: Scene<'_>) -> bool {
    if rule.principals.is_empty() {
        return true;
    }
    let named = ways_named(rule, scene.question.caller, &scene.world.bound);
    if !rule.not_principal {
        return !named.is_empty();
    }
    let everyone = rule.principals.iter().any(|(_, name)| name == "*")
        && rule
            .principals
            .iter()
            .any(|(kind, name)| kind != "Service" && name == "*");
    let spared = needed_to_be_spared(scene.question.caller)
        .iter()
        .all(|way| named.contains(way));
    scene.world.boundary.is_some() || !(everyone || spared)
}

fn fits(document: &Document, rule: &Rule, scene: Scene<'_>) -> bool {
    let Question {
        action,
        resource,
        facts,
        ..
    } = scene.question;
    let action = rule.actions.iter().any(|pattern| {
        like(
            &symbols(&pattern.to_lowercase(), true),
            &action.to_lowercase(),
        )
    });
    let listed = rule.resources.iter().any(|pattern| match resource {
        _ if pattern == "*" => true,
        None => false,
        Some((arn, _)) => arn_like(pattern, arn, document.second, facts, true),
    });
    let about = match rule.resources.is_empty() {
        true => scene.world.kind == Kind::Trust,
        false => listed != rule.not_resource,
    };
    let holds = |(operator, key, values): &(String, String, Vec<String>)| {
        condition(document.second, operator, key, values, scene)
    };
    action != rule.not_action && about && rule.conditions.iter().all(holds)
}

fn condition(second: bool, operator: &str, key: &str, values: &[String], scene: Scene<'_>) -> bool {
    let facts = scene.question.facts.iter();
    let mut found: Vec<&Fact> = facts
        .filter(|(name, _)| *name == key.to_lowercase())
        .flat_map(|(_, values)| values)
        .collect();
    if operator == "Null" {
        return values.contains(&found.is_empty().to_string());
    }
    let any = operator.starts_with("ForAnyValue:");
    let all = operator.starts_with("ForAllValues:");
    if any || all {
        found.retain(|fact| **fact != Fact::Text(String::new()));
    }
    let base = operator.split(':').next_back().unwrap();
    let name = base.trim_end_matches("IfExists");
    let negated = name.contains("Not");
    let positive = name.replace("Not", "");
    let one = |fact: &&Fact| {
        let matching = values
            .iter()
            .any(|value| compare(&positive, fact, value, second, scene));
        matching != negated
    };
    match found.as_slice() {
        [] if base.ends_with("IfExists") || all => true,
        [] if any => false,
        [] => negated,
        facts if any => facts.iter().any(one),
        facts if all => facts.iter().all(one),
        [single] => one(single),
        _ => false,
    }
}

/// Operators without `Not`: the negated form is looked up by its positive one.
fn compare(operator: &str, fact: &Fact, value: &str, second: bool, scene: Scene<'_>) -> bool {
    let known = &scene.question.facts;
    let same = |pattern: Option<Vec<Symbol>>, text: Option<String>| match (pattern, text) {
        (Some(pattern), Some(text)) => like(&pattern, &text),
        _ => false,
    };
    let lower = |pattern: Vec<Symbol>| pattern.into_iter().map(Symbol::lower).collect();
    match operator {
        "StringEquals" => same(expanded(value, second, false, known), text_of(fact)),
        "StringLike" => same(expanded(value, second, true, known), text_of(fact)),
        "StringEqualsIgnoreCase" => same(
            expanded(value, second, false, known).map(lower),
            text_of(fact).map(|text| text.to_ascii_lowercase()),
        ),
        "ArnEquals" | "ArnLike" => match fact {
            Fact::Text(arn) => arn_like(value, arn, second, known, false),
            _ => false,
        },
        "Bool" => bool_of(fact) == bool_of(&Fact::Text(value.to_owned())),
        "BinaryEquals" => same_bytes(fact, value),
        "IpAddress" => in_network(fact, value),
        _ => match operator.strip_prefix("Numeric") {
            Some(order) => ordered(order, number_of(fact), number(value)),
            None => {
                let written = Fact::Text(value.to_owned());
                ordered(
                    operator.strip_prefix("Date").unwrap(),
                    date_of(fact),
                    date_of(&written),
                )
            }
        },
    }
}

fn ordered(order: &str, found: Option<f64>, written: Option<f64>) -> bool {
    let (Some(found), Some(written)) = (found, written) else {
        return false;
    };
    match order {
        "Equals" => found == written,
        "LessThan" => found < written,
        "LessThanEquals" => found <= written,
        "GreaterThan" => found > written,
        "GreaterThanEquals" => found >= written,
        other => unreachable!("{other}"),
    }
}
