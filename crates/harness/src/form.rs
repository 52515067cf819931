//! Input as JSON to the form of a Query call, as SDKs write it.

use serde_json::Value;

/// `Action=…&Version=…&Tags.member.1.Key=…`
pub(crate) fn form(action: &str, version: &str, input: &Value) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs
        .append_pair("Action", action)
        .append_pair("Version", version);
    flatten(&mut pairs, "", input);
    pairs.finish()
}

fn flatten(pairs: &mut form_urlencoded::Serializer<'_, String>, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (member, value) in members {
                let dot = if name.is_empty() { "" } else { "." };
                flatten(pairs, &format!("{name}{dot}{member}"), value);
            }
        }
        Value::Array(elements) if elements.is_empty() => {
            pairs.append_pair(name, "");
        }
        Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                flatten(pairs, &format!("{name}.member.{}", index + 1), value);
            }
        }
        Value::String(text) => {
            pairs.append_pair(name, text);
        }
        other => {
            pairs.append_pair(name, &other.to_string());
        }
    }
}
