//! A second reading of AWS's documentation: slow, obvious, and sharing nothing with the engine.
//! It works on the model below, never on what the engine has parsed.

use crate::oracle_text::{Symbol, arn_like, expanded, like, symbols};
use crate::support::Fact;

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
    /// Type and name; empty in policies that are attached to principals.
    pub(crate) principals: Vec<(String, String)>,
    pub(crate) not_action: bool,
    pub(crate) actions: Vec<String>,
    pub(crate) not_resource: bool,
    /// Empty in trust policies.
    pub(crate) resources: Vec<String>,
    pub(crate) conditions: Vec<(String, String, Vec<String>)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Plain,
    Ordinary,
    Key,
    Trust,
}

/// Everything a decision depends on.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) caller: &'static str,
    pub(crate) action: String,
    /// ARN and owner.
    pub(crate) resource: Option<(String, String)>,
    pub(crate) kind: Kind,
    pub(crate) resource_policy: Document,
    pub(crate) identity: Vec<Document>,
    pub(crate) boundary: Option<Document>,
    pub(crate) session: Option<Vec<Document>>,
    pub(crate) service_control: Vec<Vec<Document>>,
    pub(crate) resource_control: Vec<Vec<Document>>,
    pub(crate) facts: Vec<(String, Vec<Fact>)>,
}

pub(crate) const HOME: &str = "111111111111";
const USER: &str = "arn:aws:iam::111111111111:user/path/ann";
const ROLE: &str = "arn:aws:iam::111111111111:role/path/dev";
const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/dev/one";

/// `allowed`, `denied`, or `not allowed`.
pub(crate) fn decide(scene: &Scene) -> &'static str {
    let resource_policies = match (scene.kind, scene.resource.is_some()) {
        (Kind::Plain, _) | (_, false) => vec![],
        (Kind::Trust, _) if !scene.action.to_lowercase().starts_with("sts:") => vec![],
        _ => vec![scene.resource_policy.clone()],
    };
    let mut everything = resource_policies.clone();
    everything.extend(scene.identity.clone());
    everything.extend(scene.boundary.clone());
    everything.extend(scene.session.clone().unwrap_or_default());
    everything.extend(scene.service_control.concat());
    everything.extend(scene.resource_control.concat());
    if everything.iter().any(|document| denies(document, scene)) {
        return "denied";
    }
    match is_allowed(scene, &resource_policies) {
        true => "allowed",
        false => "not allowed",
    }
}

fn is_allowed(scene: &Scene, resource_policies: &[Document]) -> bool {
    let allows = |list: &[Document]| {
        list.iter()
            .any(|document| allows(document, scene, &["any"]))
    };
    let levels = [&scene.service_control, &scene.resource_control];
    if levels.into_iter().flatten().any(|level| !allows(level)) {
        return false;
    }
    let names = |ways: &[&str]| {
        resource_policies
            .iter()
            .any(|document| self::allows(document, scene, ways))
    };
    let session = match (&scene.session, scene.caller) {
        (Some(policies), _) => allows(policies),
        (None, "federated" | "federated by root") => false,
        (None, _) => true,
    };
    let limits = session
        && scene
            .boundary
            .iter()
            .all(|boundary| allows(std::slice::from_ref(boundary)));
    let root = matches!(scene.caller, "root" | "federated by root");
    let identity = root || allows(&scene.identity);
    let owner = scene
        .resource
        .as_ref()
        .map_or(HOME, |(_, owner)| owner.as_str());
    let must_be_named = match scene.kind {
        Kind::Key => scene.resource.is_some(),
        Kind::Trust => !resource_policies.is_empty(),
        Kind::Plain | Kind::Ordinary => false,
    };
    match scene.caller {
        "service" | "nobody" => names(&["itself"]),
        _ if owner != HOME => names(&["itself", "entity", "account"]) && identity && limits,
        _ if names(&["itself"]) => true,
        _ if names(&["entity"]) => limits,
        _ if must_be_named => names(&["account"]) && identity && limits,
        _ => identity && limits,
    }
}

fn denies(document: &Document, scene: &Scene) -> bool {
    document.statements.iter().any(|rule| {
        !rule.allow && is_meant_to_be_denied(rule, scene.caller) && fits(document, rule, scene)
    })
}

/// Whether a statement allows, naming the caller in one of these ways.
fn allows(document: &Document, scene: &Scene, ways: &[&str]) -> bool {
    document.statements.iter().any(|rule| {
        let reached = match (rule.principals.is_empty(), rule.not_principal) {
            (true, _) => ways.contains(&"any"),
            (false, false) => ways_named(rule, scene.caller)
                .iter()
                .any(|way| ways.contains(way) || ways == ["any"]),
            (false, true) => {
                ways_named(rule, scene.caller).is_empty()
                    && (ways.contains(&"itself") || ways == ["any"])
            }
        };
        rule.allow && reached && fits(document, rule, scene)
    })
}

fn is_meant_to_be_denied(rule: &Rule, caller: &str) -> bool {
    let named = ways_named(rule, caller);
    if rule.principals.is_empty() {
        return true;
    }
    if !rule.not_principal {
        return !named.is_empty();
    }
    let everyone = rule
        .principals
        .iter()
        .any(|(kind, name)| kind == "AWS" && name == "*");
    let needed: &[&str] = match caller {
        "user" | "federated" | "federated by root" => &["itself", "account"],
        "session" => &["itself", "entity", "account"],
        _ => &["itself"],
    };
    !everyone && !needed.iter().all(|way| named.contains(way))
}

/// The ways in which the list names the caller: `itself`, `entity` behind it, its `account`.
fn ways_named(rule: &Rule, caller: &str) -> Vec<&'static str> {
    let mut ways = vec![];
    for (kind, name) in &rule.principals {
        let way = match (kind.as_str(), name.as_str(), caller) {
            ("AWS", "*", _) => Some("itself"),
            ("Service", "*" | "lambda.amazonaws.com", "service") => Some("itself"),
            ("Service", _, _) | (_, _, "service" | "nobody") => None,
            ("AWS", "111111111111" | "arn:aws:iam::111111111111:root", "root") => Some("itself"),
            ("AWS", "111111111111" | "arn:aws:iam::111111111111:root", _) => Some("account"),
            ("AWS", USER | "AIDAANNANNANNANNANN", "user") => Some("itself"),
            ("AWS", USER | "AIDAANNANNANNANNANN", "federated") => Some("entity"),
            ("AWS", ROLE | "AROADEVDEVDEVDEVDEV", "session") => Some("entity"),
            ("AWS", SESSION, "session") => Some("itself"),
            ("AWS", "arn:aws:sts::111111111111:federated-user/fay", "federated") => Some("itself"),
            _ => None,
        };
        ways.extend(way);
    }
    ways
}

fn fits(document: &Document, rule: &Rule, scene: &Scene) -> bool {
    let action = rule.actions.iter().any(|pattern| {
        like(
            &symbols(&pattern.to_lowercase(), true),
            &scene.action.to_lowercase(),
        )
    });
    let resource = rule.resources.iter().any(|pattern| match &scene.resource {
        _ if pattern == "*" => true,
        None => false,
        Some((arn, _)) => arn_like(pattern, arn, document.second, scene, true),
    });
    let conditions = rule
        .conditions
        .iter()
        .all(|(operator, key, values)| condition(document, operator, key, values, scene));
    let resource = rule.resources.is_empty() || resource != rule.not_resource;
    action != rule.not_action && resource && conditions
}

fn condition(
    document: &Document,
    operator: &str,
    key: &str,
    values: &[String],
    scene: &Scene,
) -> bool {
    let found: Vec<Fact> = scene
        .facts
        .iter()
        .filter(|(name, _)| name == key)
        .flat_map(|(_, v)| v.clone())
        .collect();
    if operator == "Null" {
        return values.contains(&found.is_empty().to_string());
    }
    let (any, all) = (
        operator.starts_with("ForAnyValue:"),
        operator.starts_with("ForAllValues:"),
    );
    let found: Vec<Fact> = match any || all {
        true => found
            .into_iter()
            .filter(|fact| *fact != Fact::Text(String::new()))
            .collect(),
        false => found,
    };
    let base = operator
        .trim_start_matches("ForAnyValue:")
        .trim_start_matches("ForAllValues:");
    let name = base.trim_end_matches("IfExists");
    let negated = name.contains("Not");
    let positive = name.replace("Not", "");
    let one = |fact: &Fact| {
        let matching = values
            .iter()
            .any(|value| compare(&positive, fact, value, document.second, scene));
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

fn compare(operator: &str, fact: &Fact, value: &str, second: bool, scene: &Scene) -> bool {
    let text = match fact {
        Fact::Text(text) => Some(text.clone()),
        Fact::Bool(value) => Some(value.to_string()),
        Fact::Number(number) => Some(number.to_string()),
        Fact::Ip(address) => Some(address.clone()),
        Fact::Date(_) | Fact::Bytes(_) => None,
    };
    let number = match fact {
        Fact::Number(number) => Some(*number),
        Fact::Date(seconds) => Some(*seconds as f64),
        Fact::Text(text) => text.parse::<f64>().ok(),
        _ => None,
    };
    let ordered = |test: fn(&f64, &f64) -> bool| {
        number.is_some_and(|number| test(&number, &value.parse().unwrap()))
    };
    let expand = |wild| expanded(value, second, wild, scene);
    let same = |pattern: Option<Vec<Symbol>>, text: Option<String>| match (pattern, text) {
        (Some(pattern), Some(text)) => like(&pattern, &text),
        _ => false,
    };
    match operator {
        "StringEquals" => same(expand(false), text),
        "StringLike" => same(expand(true), text),
        "StringEqualsIgnoreCase" => {
            let pattern =
                expand(false).map(|symbols| symbols.into_iter().map(Symbol::lower).collect());
            same(pattern, text.map(|text| text.to_lowercase()))
        }
        "ArnEquals" | "ArnLike" => match fact {
            Fact::Text(arn) => arn_like(value, arn, second, scene, false),
            _ => false,
        },
        "NumericEquals" | "DateEquals" => ordered(|a, b| a == b),
        "NumericLessThan" | "DateLessThan" => ordered(|a, b| a < b),
        "NumericLessThanEquals" | "DateLessThanEquals" => ordered(|a, b| a <= b),
        "NumericGreaterThan" | "DateGreaterThan" => ordered(|a, b| a > b),
        "NumericGreaterThanEquals" | "DateGreaterThanEquals" => ordered(|a, b| a >= b),
        "Bool" => text.is_some_and(|text| text == value),
        // Written without "Not", as the negated form is looked up.
        "IpAddress" => match fact {
            Fact::Ip(address) => in_network(address, value),
            _ => false,
        },
        other => unreachable!("{other}"),
    }
}

/// Networks of whole bytes only.
fn in_network(address: &str, network: &str) -> bool {
    let (base, length) = network.split_once('/').unwrap_or((network, "32"));
    let bytes = length.parse::<usize>().unwrap() / 8;
    let parts = |text: &str| {
        text.split('.')
            .take(bytes)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    parts(address) == parts(base)
}
