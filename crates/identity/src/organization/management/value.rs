//! The value of a setting.

use std::collections::HashSet;

use serde_json::Value as Json;

/// What a setting is set to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A text, number or truth value.
    One(Json),
    /// A list of such, none of them twice.
    Many(Vec<Json>),
}

impl Value {
    /// A value, if it is one.
    pub(super) fn parse(json: &Json) -> Option<Self> {
        match json {
            Json::Array(_) => list(json).map(Self::Many),
            Json::Object(_) | Json::Null => None,
            _ => Some(Self::One(json.clone())),
        }
    }
    /// As an effective policy shows it.
    pub(super) fn json(&self) -> Json {
        match self {
            Self::One(value) => value.clone(),
            Self::Many(values) => Json::Array(values.clone()),
        }
    }
    /// Its texts; other values have none.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let values = match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        };
        values.iter().filter_map(Json::as_str)
    }
}

/// A list of values that are not lists themselves, each of them once.
pub(super) fn list(json: &Json) -> Option<Vec<Json>> {
    let mut values = Vec::new();
    let mut known = HashSet::new();
    for value in json.as_array()? {
        if value.is_array() || value.is_object() || value.is_null() {
            return None;
        }
        if known.insert(value.to_string()) {
            values.push(value.clone());
        }
    }
    Some(values)
}
