//! The context of a simulation: what the caller says, and of what it does not say only what is plain.

use std::collections::HashMap;
use std::net::IpAddr;

use base::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use iam_api::shapes::{ContextEntry, ContextKeyTypeEnum};
use pipeline::Failure;
use policy::{ConditionKey, Context, Value};

use super::entity::Caller;
use super::refusals;

/// Longest value, in bytes: matching costs the product of the lengths of value and pattern.
const LONGEST: usize = 2_048;

/// Bytes that a number, an instant or an address has as text, about.
const PLAIN: usize = 40;

/// Answers the engine's questions with values of the call.
#[derive(Debug)]
pub(crate) struct SimulatedContext {
    entries: HashMap<Name, Vec<Given>>,
}

/// The name of a key. AWS: names compare without case, and so do those of tags and encryption contexts in them.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Name(String, Option<String>);

impl From<&ConditionKey> for Name {
    fn from(key: &ConditionKey) -> Self {
        let qualifier = key.qualifier().map(str::to_ascii_lowercase);
        Self(key.name().to_owned(), qualifier)
    }
}

#[derive(Debug)]
enum Given {
    Text(String),
    Bytes(Vec<u8>),
    /// What borrows nothing.
    Plain(Value<'static>),
}

impl SimulatedContext {
    /// From what the call says, which must be of the types it says.
    pub(crate) fn parse(entries: &[ContextEntry]) -> Result<Self, Failure> {
        let mut context = Self {
            entries: HashMap::new(),
        };
        for entry in entries {
            let name = entry.context_key_name.as_deref();
            let name = name.ok_or_else(refusals::no_context_key)?;
            if context.has(name) {
                return Err(refusals::same_context_keys(name));
            }
            context.put(name, values(name, entry)?);
        }
        Ok(context)
    }

    /// Adds what follows from the simulated caller and the time, where the call does not say it.
    pub(crate) fn with_defaults(mut self, caller: &Caller, now: Timestamp) -> Self {
        let text = |text: &str| Given::Text(text.to_owned());
        let now = || Given::Plain(Value::Date(now));
        self.default("aws:CurrentTime", Some(now()));
        self.default("aws:EpochTime", Some(now()));
        self.default(
            "aws:PrincipalAccount",
            Some(text(caller.account().as_str())),
        );
        self.default(
            "aws:PrincipalArn",
            Some(caller.arn()).filter(|arn| !arn.is_empty()).map(text),
        );
        self.default("aws:username", caller.user_name().map(text));
        self.default("aws:userid", caller.user_id().map(text));
        self
    }

    fn default(&mut self, name: &str, value: Option<Given>) {
        if let Some(value) = value.filter(|_| !self.has(name)) {
            self.put(name, vec![value]);
        }
    }

    fn put(&mut self, name: &str, values: Vec<Given>) {
        self.entries
            .insert(Name::from(&ConditionKey::new(name)), values);
    }

    /// Length of all values together, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.lengths().fold(0, usize::saturating_add)
    }

    /// Length of the longest value, in bytes.
    pub(crate) fn longest(&self) -> usize {
        self.lengths().max().unwrap_or_default()
    }

    fn lengths(&self) -> impl Iterator<Item = usize> {
        self.entries.values().flatten().map(|value| match value {
            Given::Text(text) => text.len(),
            Given::Bytes(bytes) => bytes.len().div_ceil(3) * 4,
            Given::Plain(_) => PLAIN,
        })
    }

    /// Whether there is an entry for this key.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries
            .contains_key(&Name::from(&ConditionKey::new(name)))
    }
}

impl Context for SimulatedContext {
    fn values(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
        let Some(values) = self.entries.get(&Name::from(key)) else {
            return false;
        };
        for value in values {
            match value {
                Given::Text(text) => each(Value::Text(text)),
                Given::Bytes(bytes) => each(Value::Bytes(bytes)),
                Given::Plain(value) => each(*value),
            }
        }
        true
    }
}

fn values(name: &str, entry: &ContextEntry) -> Result<Vec<Given>, Failure> {
    let texts = entry.context_key_values.as_deref().unwrap_or_default();
    // AWS requires no type; text is compared by every operator as its own.
    let kind = entry
        .context_key_type
        .unwrap_or(ContextKeyTypeEnum::StringList);
    let refused = || refusals::invalid_context_values(name, kind.as_str());
    let many = kind.as_str().ends_with("List");
    let parsed: Option<Vec<Given>> = texts.iter().map(|text| value(kind, text)).collect();
    parsed
        .filter(|values| many || values.len() < 2)
        .ok_or_else(refused)
}

fn value(kind: ContextKeyTypeEnum, text: &str) -> Option<Given> {
    use ContextKeyTypeEnum as Kind;
    if text.len() > LONGEST {
        return None;
    }
    match kind {
        Kind::String | Kind::StringList => Some(Given::Text(text.to_owned())),
        Kind::Numeric | Kind::NumericList => {
            let number = text
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())?;
            Some(Given::Plain(Value::Number(number)))
        }
        Kind::Boolean | Kind::BooleanList => {
            let value = text.to_ascii_lowercase().parse().ok()?;
            Some(Given::Plain(Value::Bool(value)))
        }
        Kind::Ip | Kind::IpList => {
            let address: IpAddr = text.parse().ok()?;
            Some(Given::Plain(Value::Ip(address)))
        }
        Kind::Binary | Kind::BinaryList => STANDARD.decode(text).ok().map(Given::Bytes),
        Kind::Date | Kind::DateList => Value::parse_date(text).map(Given::Plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    use crate::testing::server;
    use crate::testing::simulating::{ANN, document, simulate};

    fn entry(name: &str, kind: ContextKeyTypeEnum, values: &[&str]) -> ContextEntry {
        ContextEntry {
            context_key_name: Some(name.to_owned()),
            context_key_values: Some(values.iter().map(|value| value.to_string()).collect()),
            context_key_type: Some(kind),
        }
    }

    #[test]
    fn values_have_their_types() {
        use ContextKeyTypeEnum as Kind;
        let long = "a".repeat(LONGEST + 1);
        for (kind, values, valid) in [
            (Kind::String, vec!["a"], true),
            (Kind::String, vec![], true),
            (Kind::String, vec!["a", "b"], false),
            (Kind::String, vec![long.as_str()], false),
            (Kind::StringList, vec!["a", "b"], true),
            (Kind::Numeric, vec!["1.5"], true),
            (Kind::Numeric, vec!["inf"], false),
            (Kind::NumericList, vec!["1", "x"], false),
            (Kind::Boolean, vec!["True"], true),
            (Kind::Boolean, vec!["yes"], false),
            (Kind::Ip, vec!["10.0.0.1"], true),
            (Kind::IpList, vec!["2001:db8::1", "10.0.0.1"], true),
            (Kind::Ip, vec!["10.0.0.0/8"], false),
            (Kind::Binary, vec!["AAEC"], true),
            (Kind::Binary, vec!["%"], false),
            (Kind::Date, vec!["2026-11-23T06:38:13Z"], true),
            (Kind::DateList, vec!["2026-11", "1795415893"], true),
            (Kind::Date, vec!["tomorrow"], false),
        ] {
            let parsed = SimulatedContext::parse(&[entry("aws:Key", kind, &values)]);
            assert_eq!(parsed.is_ok(), valid, "{kind:?} {values:?}");
        }
    }

    #[test]
    fn names_compare_without_case() {
        let kind = ContextKeyTypeEnum::String;
        let one = entry("aws:PrincipalTag/Team", kind, &["a"]);
        let context = SimulatedContext::parse(std::slice::from_ref(&one)).unwrap();
        assert!(context.has("AWS:principaltag/TEAM"));
        assert!(!context.has("aws:PrincipalTag") && !context.has("aws:PrincipalTag/T"));
        let twin = entry("AWS:PrincipalTag/team", kind, &["b"]);
        assert!(SimulatedContext::parse(&[one, twin]).is_err());
        let nameless = ContextEntry::default();
        assert!(SimulatedContext::parse(&[nameless]).is_err());
    }

    const ONE: [(&str, &str, &str, &str, &str); 9] = [
        ("StringEquals", "a", "string", "a", "allowed"),
        ("NumericLessThan", "10", "numeric", "9.5", "allowed"),
        ("NumericLessThan", "10", "numeric", "10", "implicitDeny"),
        ("Bool", "true", "boolean", "true", "allowed"),
        ("IpAddress", "10.0.0.0/8", "ip", "10.1.2.3", "allowed"),
        ("BinaryEquals", "AAEC", "binary", "AAEC", "allowed"),
        ("BinaryEquals", "AAEC", "binary", "AAED", "implicitDeny"),
        (
            "DateGreaterThan",
            "2018-08-16T12:00:00Z",
            "date",
            "2019-04-25T11:00:00Z",
            "allowed",
        ),
        ("NumericEquals", "1", "boolean", "true", "implicitDeny"),
    ];
    const MANY: [(&str, &str, &str, [&str; 2], &str); 7] = [
        (
            "ForAllValues:StringEquals",
            "a",
            "stringList",
            ["a", "b"],
            "implicitDeny",
        ),
        (
            "ForAnyValue:StringEquals",
            "a",
            "stringList",
            ["a", "b"],
            "allowed",
        ),
        (
            "ForAllValues:NumericLessThan",
            "10",
            "numericList",
            ["9", "11"],
            "implicitDeny",
        ),
        (
            "ForAnyValue:Bool",
            "true",
            "booleanList",
            ["false", "true"],
            "allowed",
        ),
        (
            "ForAnyValue:IpAddress",
            "10.0.0.0/8",
            "ipList",
            ["11.1.2.3", "12.1.2.3"],
            "implicitDeny",
        ),
        (
            "ForAnyValue:BinaryEquals",
            "AAEC",
            "binaryList",
            ["AAED", "AAEC"],
            "allowed",
        ),
        (
            "ForAllValues:DateLessThan",
            "2018-08-16",
            "dateList",
            ["2017", "2019-04-25"],
            "implicitDeny",
        ),
    ];

    #[tokio::test]
    async fn context_of_every_type() {
        let alcazar = server().await;
        let one = ONE.map(|(operator, wanted, kind, value, decision)| {
            (operator, wanted, kind, vec![value], decision)
        });
        let many = MANY.map(|(operator, wanted, kind, values, decision)| {
            (operator, wanted, kind, values.to_vec(), decision)
        });
        for (operator, wanted, kind, given, decision) in one.into_iter().chain(many) {
            let more = format!(
                r#","Resource":"*","Condition":{{"{operator}":{{"aws:Thing":"{wanted}"}}}}"#
            );
            let entry = json!({
                "ContextKeyName": "AWS:thing", "ContextKeyType": kind, "ContextKeyValues": given,
            });
            let more_input = json!({"ContextEntries": [entry]});
            let answer = simulate(&alcazar, &[document("Allow", "*", &more)], more_input).await;
            assert_eq!(answer.field("EvalDecision"), decision, "{operator} {kind}");
            assert!(!answer.text.contains("aws:Thing"));
        }
    }

    #[tokio::test]
    async fn what_is_not_said_is_missing() {
        let alcazar = server().await;
        let more = r#","Resource":"*","Condition":{"StringEquals":{"aws:username":"ann"},"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"},"Bool":{"aws:SecureTransport":"true"}}"#;
        let policy = [document("Allow", "iam:*", more)];
        let answer = simulate(&alcazar, &policy, json!({})).await;
        assert_eq!(
            answer.fields("member")[1..],
            ["aws:username", "aws:SecureTransport"]
        );
        let answer = simulate(&alcazar, &policy, json!({"CallerArn": ANN})).await;
        assert!(answer.text.contains("SecureTransport") && !answer.text.contains("aws:username"));
    }
}
