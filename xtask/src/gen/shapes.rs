//! The module `shapes`: structs, enums and tables of everything that built operations reach.

use super::built::Built;
use crate::model::{Member, Shape};
use crate::names::{screaming, snake, type_name, variant};
use crate::outcome::{During, Outcome};
use std::collections::BTreeSet;

/// The text of the module.
pub fn text(built: &Built) -> Outcome<String> {
    let mut text = String::new();
    let mut taken = BTreeSet::new();
    for name in built.shapes()? {
        if !taken.insert(screaming(name)) {
            return Err(format!("two shapes are called {}", screaming(name)).into());
        }
        text += &shape(built, name).during(name)?;
    }
    Ok(text)
}

fn shape(built: &Built, name: &str) -> Outcome<String> {
    let table = match built.model.shape(name)? {
        Shape::Structure { members } => return structure(built, name, members),
        Shape::Enum { values } => return enumeration(name, values),
        Shape::String(it) => {
            let (length, pattern) = (length(it.min, it.max), &it.pattern);
            if !wire::pattern_compiles(pattern) {
                return Err(format!("crates/wire/src/pattern.rs cannot run {pattern:?}").into());
            }
            format!("String {{ length: {length}, pattern: {pattern:?} }}")
        }
        Shape::Blob(it) => format!("Blob({})", length(it.min, it.max)),
        Shape::Integer(it) => format!("Integer({})", length(it.min, it.max)),
        Shape::Long(it) => format!("Long({})", length(it.min, it.max)),
        Shape::List(it) => format!(
            "List {{ member: {}, member_name: {:?}, flattened: {}, length: {} }}",
            schema(built, &it.member)?,
            it.member_name,
            it.flattened,
            length(it.min, it.max),
        ),
        Shape::Map(it) => format!(
            "Map {{ key: {}, value: {}, names: {:?}, flattened: {}, length: {} }}",
            schema(built, &it.key)?,
            schema(built, &it.value)?,
            it.names,
            it.flattened,
            length(it.min, it.max),
        ),
        Shape::Boolean {} | Shape::Float {} | Shape::Double {} | Shape::Timestamp {} => {
            return Ok(String::new());
        }
    };
    let constant = screaming(name);
    Ok(format!(
        "\nstatic {constant}: wire::Schema = wire::Schema::{table};\n"
    ))
}

fn length(min: Option<i64>, max: Option<i64>) -> String {
    match (min, max) {
        (None, None) => "wire::Length::ANY".into(),
        _ => format!("wire::Length {{ min: {min:?}, max: {max:?} }}"),
    }
}

/// The expression that refers to the table of a shape.
fn schema(built: &Built, name: &str) -> Outcome<String> {
    let constant = screaming(name);
    Ok(match built.model.shape(name)? {
        Shape::Boolean {} => "&wire::Schema::Boolean".into(),
        Shape::Float {} => "&wire::Schema::Float".into(),
        Shape::Double {} => "&wire::Schema::Double".into(),
        Shape::Timestamp {} => "&wire::Schema::Timestamp".into(),
        Shape::Structure { .. } => format!("&wire::Schema::Structure(&{constant})"),
        Shape::Enum { .. } => format!("<{} as wire::Shape>::SCHEMA", type_name(name)),
        _ => format!("&{constant}"),
    })
}

/// The Rust type of a shape.
fn rust(built: &Built, name: &str) -> Outcome<String> {
    let hidden = |plain: &str, sensitive: bool| match sensitive {
        true => format!("base::Secret<{plain}>"),
        false => plain.to_owned(),
    };
    Ok(match built.model.shape(name)? {
        Shape::Boolean {} => "bool".into(),
        Shape::Integer(_) => "i32".into(),
        Shape::Long(_) => "i64".into(),
        Shape::Float {} => "f32".into(),
        Shape::Double {} => "f64".into(),
        Shape::Timestamp {} => "base::Timestamp".into(),
        Shape::String(it) => hidden("String", it.sensitive),
        Shape::Blob(it) => hidden("wire::Blob", it.sensitive),
        Shape::List(it) => format!("Vec<{}>", rust(built, &it.member)?),
        Shape::Map(it) => {
            format!(
                "std::collections::BTreeMap<String, {}>",
                rust(built, &it.value)?
            )
        }
        Shape::Enum { .. } | Shape::Structure { .. } => type_name(name),
    })
}

/// Whether a shape, or every leaf under a list or map of it, is a secret.
fn sensitive(built: &Built, name: &str) -> Outcome<bool> {
    match built.model.shape(name)? {
        Shape::String(it) | Shape::Blob(it) => Ok(it.sensitive),
        Shape::List(it) => sensitive(built, &it.member),
        Shape::Map(it) => sensitive(built, &it.value),
        _ => Ok(false),
    }
}

fn structure(built: &Built, name: &str, members: &[Member]) -> Outcome<String> {
    let (constant, rust_name) = (screaming(name), type_name(name));
    let [mut fields, mut decode, mut encode, mut table] = [const { String::new() }; 4];
    for (at, member) in members.iter().enumerate() {
        let (field, required) = (snake(&member.name), member.required);
        let mut rust = rust(built, &member.shape)?;
        if member.shape == name || built.holds(&member.shape, name) {
            rust = format!("Box<{rust}>");
        }
        let (kind, take, put) = match required {
            true => (rust, "required", "put"),
            false => (format!("Option<{rust}>"), "optional", "put_optional"),
        };
        fields += &format!("pub {field}: {kind},\n");
        decode += &format!("{field}: members.{take}({at})?,\n");
        encode += &format!("wire::{put}(to, &{constant}, {at}, &self.{field});\n");
        table += &format!(
            "wire::Member {{ name: {:?}, required: {required}, sensitive: {}, schema: {} }},\n",
            member.wire_name.as_deref().unwrap_or(&member.name),
            sensitive(built, &member.shape)?,
            schema(built, &member.shape)?,
        );
    }
    let (members, to) = match members.is_empty() {
        true => ("", "_"),
        false => ("let mut members = ", "to"),
    };
    Ok(format!(
        "
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct {rust_name} {{ {fields} }}

        impl wire::Shape for {rust_name} {{
            const SCHEMA: &'static wire::Schema = &wire::Schema::Structure(&{constant});
            fn decode(value: wire::Value<'_>, _: &'static wire::Schema) -> Result<Self, wire::Rejection> {{
                {members} wire::Members::of(value, &{constant})?;
                Ok(Self {{ {decode} }})
            }}
            fn encode(&self, _: &'static wire::Schema, to: &mut dyn wire::Encoder) {{
                to.structure(&{constant}, &mut |{to}| {{ {encode} }});
            }}
        }}

        static {constant}: wire::Structure =
            wire::Structure {{ name: {name:?}, members: &[{table}] }};\n"
    ))
}

fn enumeration(name: &str, values: &[String]) -> Outcome<String> {
    let rust_name = type_name(name);
    let [mut variants, mut all, mut texts] = [const { String::new() }; 3];
    let mut taken = BTreeSet::new();
    for value in values {
        let variant = variant(value);
        if !taken.insert(variant.clone()) {
            return Err(format!("two values are called {variant}").into());
        }
        let default = if variants.is_empty() {
            "#[default]\n"
        } else {
            ""
        };
        variants += &format!("{default}{variant},\n");
        all += &format!("Self::{variant},");
        texts += &format!("Self::{variant} => {value:?},\n");
    }
    Ok(format!(
        "
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum {rust_name} {{ {variants} }}

        impl {rust_name} {{
            pub const fn as_str(self) -> &'static str {{
                match self {{ {texts} }}
            }}
        }}

        impl wire::ClosedSet for {rust_name} {{
            const ALL: &'static [Self] = &[{all}];
            const NAMES: &'static [&'static str] = &{values:?};
            fn as_str(self) -> &'static str {{
                Self::as_str(self)
            }}
        }}

        impl wire::Shape for {rust_name} {{
            const SCHEMA: &'static wire::Schema = &wire::Schema::Enum(<Self as wire::ClosedSet>::NAMES);
            fn decode(value: wire::Value<'_>, _: &'static wire::Schema) -> Result<Self, wire::Rejection> {{
                wire::decode_enum(value)
            }}
            fn encode(&self, _: &'static wire::Schema, to: &mut dyn wire::Encoder) {{
                wire::encode_enum(*self, to);
            }}
        }}

        impl std::fmt::Display for {rust_name} {{
            fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{
                to.write_str(self.as_str())
            }}
        }}\n"
    ))
}
