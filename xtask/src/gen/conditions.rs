//! Which condition keys of an action only the operation can know, and how a permission holds and answers them.

use super::answers;
use crate::model::{Action, Model};
use crate::names::snake;
use crate::outcome::Outcome;
use std::collections::BTreeSet;

/// One condition key that a permission answers from a field.
#[derive(Debug, PartialEq, Eq)]
pub struct Condition {
    /// The field that holds it.
    pub field: String,
    /// Its name in lower case, without what is variable in it.
    key: String,
    pub kind: Kind,
}

/// How a value is held and given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Text,
    Texts,
    Boolean,
    Number,
    Date,
    /// `NAME:QUALIFIER`, one for each entry of a map.
    Entry,
    /// `NAMEKeys`: the qualifiers of the map in the field of `NAME`.
    EntryKeys,
    /// `aws:RequestTag/KEY`.
    Tag,
    /// `aws:TagKeys` beside `aws:RequestTag/KEY`: the keys of the tags in its field.
    TagKeys,
    /// `aws:TagKeys` alone.
    TagNames,
}

/// The conditions of `action`: those that neither its resources nor the pipeline answer.
pub fn conditions(model: &Model, action: &Action) -> Outcome<Vec<Condition>> {
    let resource_types = action.resources.keys();
    let described: BTreeSet<&String> = resource_types
        .filter_map(|name| model.resource_types.get(name))
        .flat_map(|resource_type| &resource_type.condition_keys)
        .collect();
    let mut conditions = Vec::new();
    for name in &action.condition_keys {
        let key = model.condition_keys.get(name);
        let key = key.ok_or_else(|| format!("the reference does not say the type of {name}"))?;
        if !described.contains(name) && key.supplied_by.is_none() {
            conditions.extend(condition(action, name, &key.kind)?);
        }
    }
    Ok(conditions)
}

fn condition(action: &Action, name: &str, written_type: &str) -> Outcome<Option<Condition>> {
    let of = |stem: &str, field: &str, kind: Kind| {
        let (field, key) = (field.to_owned(), stem.to_ascii_lowercase());
        Ok(Some(Condition { field, key, kind }))
    };
    let field = |stem: &str| snake(stem.split_once(':').map_or(stem, |(_, name)| name));
    let has = |start: &str| {
        action
            .condition_keys
            .iter()
            .any(|key| key.starts_with(start))
    };
    if let Some((stem, _)) = name
        .rsplit_once([':', '/'])
        .filter(|(stem, _)| stem.contains(':'))
    {
        return match stem {
            "aws:RequestTag" => of(stem, "request_tags", Kind::Tag),
            global if global.starts_with("aws:") => Ok(None),
            _ => of(stem, &field(stem), Kind::Entry),
        };
    }
    let keyed = name
        .strip_suffix("Keys")
        .filter(|stem| has(&format!("{stem}:")));
    match (name, keyed) {
        ("aws:TagKeys", _) if has("aws:RequestTag/") => of(name, "request_tags", Kind::TagKeys),
        ("aws:TagKeys", _) => of(name, "tag_keys", Kind::TagNames),
        (_, Some(stem)) => of(name, &field(stem), Kind::EntryKeys),
        (global, _) if global.starts_with("aws:") => Ok(None),
        _ => of(name, &field(name), Kind::of(written_type)?),
    }
}

impl Condition {
    /// The arm of `match (key.name(), key.qualifier())` that answers the key.
    pub fn arm(&self) -> String {
        let Self { field, key, kind } = self;
        let function = kind.function();
        match kind {
            Kind::Entry | Kind::Tag => format!(
                "({key:?}, Some(qualifier)) => {function}(&self.{field}, qualifier, each),\n"
            ),
            _ => format!("({key:?}, None) => {function}(&self.{field}, each),\n"),
        }
    }
}

impl Kind {
    fn of(written: &str) -> Outcome<Self> {
        Ok(match written {
            "String" | "ARN" => Self::Text,
            "ArrayOfString" | "ArrayOfARN" => Self::Texts,
            "Bool" => Self::Boolean,
            "Numeric" => Self::Number,
            "Date" => Self::Date,
            other => return Err(format!("condition keys of type {other} are not known").into()),
        })
    }

    /// The type of the field, where the key has one of its own.
    pub fn rust(self) -> Option<&'static str> {
        Some(match self {
            Self::Text => "Option<std::borrow::Cow<'static, str>>",
            Self::Texts => "Option<Vec<String>>",
            Self::Boolean => "Option<bool>",
            Self::Number => "Option<i64>",
            Self::Date => "Option<base::Timestamp>",
            Self::Entry => "Option<std::collections::BTreeMap<String, String>>",
            Self::Tag => "base::Tags",
            Self::TagNames => "Vec<String>",
            Self::EntryKeys | Self::TagKeys => return None,
        })
    }

    fn function(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Texts => "texts",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::Date => "date",
            Self::Entry => "entry",
            Self::EntryKeys => "entry_keys",
            Self::Tag => "tag",
            Self::TagKeys => "tag_keys",
            Self::TagNames => "tag_names",
        }
    }

    /// The function that the arm calls.
    pub fn answer(self) -> &'static str {
        match self {
            Self::Text => answers::TEXT,
            Self::Texts => answers::TEXTS,
            Self::Boolean => answers::BOOLEAN,
            Self::Number => answers::NUMBER,
            Self::Date => answers::DATE,
            Self::Entry => answers::ENTRY,
            Self::EntryKeys => answers::ENTRY_KEYS,
            Self::Tag => answers::TAG,
            Self::TagKeys => answers::TAG_KEYS,
            Self::TagNames => answers::TAG_NAMES,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn model() -> Model {
        serde_json::from_value(json!({
            "provenance": [], "operations": {}, "errors": {}, "shapes": {}, "paginators": {},
            "metadata": {"name": "s", "full_name": "S", "api_version": "1", "protocol": "Json11"},
            "actions": {
                "Make": {"access_level": "Write", "condition_keys": [
                    "aws:RequestTag/${TagKey}", "aws:TagKeys", "aws:ResourceTag/${TagKey}", "s:Flag", "s:Caller",
                    "s:Context:${ContextKey}", "s:ContextKeys", "s:Measured:A", "s:Measured:B",
                ]},
                "Untag": {"access_level": "Write", "condition_keys": ["aws:TagKeys", "s:Spec"],
                    "resources": {"thing": {"required": true}}},
            },
            "resource_types": {"thing": {"arn": "arn", "condition_keys": ["s:Spec"]}},
            "condition_keys": {
                "aws:RequestTag/${TagKey}": {"type": "String"}, "aws:TagKeys": {"type": "ArrayOfString"},
                "aws:ResourceTag/${TagKey}": {"type": "String"}, "s:Flag": {"type": "Bool"},
                "s:Caller": {"type": "String", "supplied_by": "pipeline"}, "s:Spec": {"type": "String"},
                "s:Context:${ContextKey}": {"type": "String"}, "s:ContextKeys": {"type": "ArrayOfString"},
                "s:Measured:A": {"type": "String"}, "s:Measured:B": {"type": "String"},
            },
        }))
        .unwrap()
    }

    fn found(action: &str) -> Vec<(String, String, Kind)> {
        let model = model();
        let conditions = conditions(&model, &model.actions[action]).unwrap();
        conditions
            .into_iter()
            .map(|it| (it.field, it.key, it.kind))
            .collect()
    }

    #[test]
    fn fields_are_what_only_the_operation_knows() {
        let row = |field: &str, key: &str, kind| (field.to_owned(), key.to_owned(), kind);
        assert_eq!(
            found("Make"),
            [
                row("request_tags", "aws:requesttag", Kind::Tag),
                row("request_tags", "aws:tagkeys", Kind::TagKeys),
                row("flag", "s:flag", Kind::Boolean),
                row("context", "s:context", Kind::Entry),
                row("context", "s:contextkeys", Kind::EntryKeys),
                row("measured", "s:measured", Kind::Entry),
                row("measured", "s:measured", Kind::Entry),
            ]
        );
        assert_eq!(
            found("Untag"),
            [row("tag_keys", "aws:tagkeys", Kind::TagNames)]
        );
    }
}
