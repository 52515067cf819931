//! Signed calls of every built operation of every service that the server has, with bodies of the shapes that its model
//! says: an answer of AWS's, never an internal failure. A new service is among them by itself.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: what goes wrong here shall end the test"
)]

use std::panic::AssertUnwindSafe;

use bolero::check;
use harness::Alcazar;
use pipeline::Service;
use serde_json::{Map, Value, json};
use server::catalogue::SERVICES;
use wire::Protocol;

/// Structures within structures; deeper ones are left empty.
const DEEPEST: usize = 5;

/// What a body is made of: choices first, then the same ones again.
struct Choices<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl Choices<'_> {
    /// One of so many.
    fn one_of(&mut self, count: usize) -> usize {
        self.at += 1;
        let byte = self.bytes.get(self.at % self.bytes.len().max(1));
        (usize::from(byte.copied().unwrap_or_default()) + self.at) % count
    }
}

/// A value of a shape of the model, most often one that its constraints allow.
fn value(model: &Value, shape: &str, choices: &mut Choices<'_>, depth: usize) -> Value {
    let shape = &model["shapes"][shape];
    let named = |member: &str| shape[member].as_str().unwrap().to_owned();
    match shape["type"].as_str().unwrap() {
        "structure" | "union" => structure(model, shape, choices, depth),
        "list" => {
            let count = choices.one_of(3).max(least(shape));
            let items = (0..count).map(|_| value(model, &named("member"), choices, depth + 1));
            Value::Array(items.collect())
        }
        "map" => {
            let key = text(&model["shapes"][named("key")], choices);
            json!({key: value(model, &named("value"), choices, depth + 1)})
        }
        "boolean" => json!(choices.one_of(2) == 0),
        "integer" | "long" => json!(shape["min"].as_i64().unwrap_or(0) + choices.one_of(3) as i64),
        "timestamp" => json!(1_795_000_000 + choices.one_of(1_000_000)),
        "blob" => json!(["AAAA", "e30=", ""][choices.one_of(3)]),
        "float" | "double" => json!(0.5),
        _ => json!(text(shape, choices)),
    }
}

fn structure(model: &Value, shape: &Value, choices: &mut Choices<'_>, depth: usize) -> Value {
    let mut members = Map::new();
    let all = shape["members"].as_array().into_iter().flatten();
    for member in all.filter(|_| depth < DEEPEST) {
        if member["required"] == true || choices.one_of(3) == 0 {
            let made = value(model, member["shape"].as_str().unwrap(), choices, depth + 1);
            members.insert(member["name"].as_str().unwrap().to_owned(), made);
        }
    }
    Value::Object(members)
}

fn least(shape: &Value) -> usize {
    shape["min"].as_u64().unwrap_or(0).min(100) as usize
}

fn text(shape: &Value, choices: &mut Choices<'_>) -> String {
    if let Some(values) = shape["values"].as_array() {
        return values[choices.one_of(values.len())]
            .as_str()
            .unwrap()
            .to_owned();
    }
    let made = match choices.one_of(7) {
        0 => choices.text.to_owned(),
        1 => format!("alias/{}", choices.text),
        2 => "arn:aws:iam::111122223333:root".to_owned(),
        3 => r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned(),
        4 => "12345678-1234-1234-1234-123456789012".to_owned(),
        5 => format!("/{}", choices.text),
        _ => "a1".to_owned(),
    };
    format!("{made:a<0$}", least(shape))
}

/// The body of a call, in the protocol of the service.
fn body(service: &Service, operation: &str, input: &Value) -> Vec<u8> {
    if service.facts.protocol != Protocol::Query {
        return input.to_string().into_bytes();
    }
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", operation);
    form.append_pair("Version", service.facts.api_version);
    flatten(&mut form, "", input);
    form.finish().into_bytes()
}

fn flatten(form: &mut form_urlencoded::Serializer<'_, String>, name: &str, value: &Value) {
    let below = |part: &str| match name {
        "" => part.to_owned(),
        name => format!("{name}.{part}"),
    };
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(member, value)| flatten(form, &below(member), value)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(at, item)| flatten(form, &below(&format!("member.{}", at + 1)), item)),
        Value::String(text) => drop(form.append_pair(name, text)),
        other => drop(form.append_pair(name, &other.to_string())),
    }
}

#[test]
fn every_operation_of_every_service() {
    // An internal failure tells its cause to the log alone.
    let _ = tracing_subscriber::fmt().with_test_writer().try_init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let alcazar = runtime.block_on(Alcazar::new(SERVICES));
    let root = alcazar.root();
    let read = |service: &&Service| serde_json::from_str::<Value>(service.model).unwrap();
    let models: Vec<Value> = SERVICES.iter().map(read).collect();
    let built = SERVICES.iter().zip(&models).flat_map(|(service, model)| {
        let names = service.operations.iter().map(|entry| entry.facts.name);
        names.map(move |name| (*service, model, name))
    });
    let built: Vec<_> = built.collect();
    let server = AssertUnwindSafe((runtime, root, alcazar));
    let built = AssertUnwindSafe(built);
    check!()
        .with_type::<(u16, String, Vec<u8>)>()
        .with_iterations(3_000)
        .for_each(|(which, text, bytes)| {
            let (runtime, root, _alcazar) = &*server;
            let (service, model, operation) = built[usize::from(*which) % built.len()];
            let mut choices = Choices { text, bytes, at: 0 };
            let input = model["operations"][operation]["input"].as_str();
            let input = input.map_or_else(|| json!({}), |it| value(model, it, &mut choices, 0));
            let body = body(service, operation, &input);
            let answer = runtime.block_on(root.send(service.facts.name, operation, body));
            assert_ne!(answer.status, 500, "{operation} {input}: {}", answer.text);
        });
}
