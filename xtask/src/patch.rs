//! `model.patch.json`: corrections to a model, each with its reason, as JSON merge patches (RFC 7396).

use crate::outcome::{During, Outcome};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    /// Why the public facts do not do.
    reason: String,
    /// What is laid over them; `null` removes.
    merge: Value,
}

/// Reads a JSON file.
pub fn json(path: &Path) -> Outcome<Value> {
    let text = std::fs::read(path).during(path.display())?;
    serde_json::from_slice(&text).during(path.display())
}

/// Lays the corrections of a file over `facts`. One that changes nothing, or has no reason, is refused:
/// the model has caught up with it.
pub fn apply(path: &Path, facts: &mut Value) -> Outcome {
    let corrections: Vec<Correction> =
        serde_json::from_value(json(path)?).during(path.display())?;
    for correction in corrections {
        let before = facts.clone();
        merge(facts, correction.merge);
        if correction.reason.is_empty() || *facts == before {
            let reason = correction.reason;
            return Err(format!("{}: no reason, or no effect: {reason:?}", path.display()).into());
        }
    }
    Ok(())
}

fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else {
        return;
    };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(&key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn merges_as_the_rfc_does() {
        let mut facts = json!({"a": {"b": 1, "c": [1]}, "d": true});
        merge(
            &mut facts,
            json!({"a": {"b": 2, "c": [2, 3]}, "d": null, "e": {"f": {}}}),
        );
        assert_eq!(facts, json!({"a": {"b": 2, "c": [2, 3]}, "e": {"f": {}}}));
    }
}
