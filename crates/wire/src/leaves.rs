//! The shapes that are not generated: leaves, lists, maps, and what wraps a shape.

use base::{Secret, Timestamp};
use std::borrow::Cow;
use std::collections::BTreeMap;
use zeroize::Zeroize;

use crate::{Blob, Encoder, Length, Rejection, Schema, Shape, Structure, Value};

fn not_a(what: &'static str) -> Rejection {
    Rejection::Serialization(Cow::Owned(format!("A value is not a {what}")))
}

impl Shape for bool {
    const SCHEMA: &'static Schema = &Schema::Boolean;
    fn decode(value: Value<'_>, _: &'static Schema) -> Result<Self, Rejection> {
        match value {
            Value::Boolean(value) => Ok(value),
            _ => Err(not_a("boolean")),
        }
    }
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.boolean(*self);
    }
}

impl Shape for i32 {
    const SCHEMA: &'static Schema = &Schema::Integer(Length::ANY);
    fn decode(value: Value<'_>, _: &'static Schema) -> Result<Self, Rejection> {
        match value {
            Value::Integer(value) => i32::try_from(value).map_err(|_| not_a("integer")),
            _ => Err(not_a("integer")),
        }
    }
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.integer(i64::from(*self));
    }
}

impl Shape for i64 {
    const SCHEMA: &'static Schema = &Schema::Long(Length::ANY);
    fn decode(value: Value<'_>, _: &'static Schema) -> Result<Self, Rejection> {
        match value {
            Value::Integer(value) => Ok(value),
            _ => Err(not_a("long")),
        }
    }
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.integer(*self);
    }
}

impl Shape for f32 {
    const SCHEMA: &'static Schema = &Schema::Float;
    fn decode(value: Value<'_>, _: &'static Schema) -> Result<Self, Rejection> {
        f64::decode(value, f64::SCHEMA).map(|value| value as f32)
    }
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        // Through text, so that 0.1 stays 0.1 and does not become 0.10000000149011612.
        to.number(
            self.to_string()
                .parse()
                .unwrap_or_else(|_| f64::from(*self)),
        );
    }
}

impl Shape for f64 {
    const SCHEMA: &'static Schema = &Schema::Double;
    fn decode(value: Value<'_>, _: &'static Schema) -> Result<Self, Rejection> {
        match value {
            Value::Number(value) => Ok(value),
            Value::Integer(value) => Ok(value as f64),
            _ => Err(not_a("number")),
        }
    }
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.number(*self);
    }
}

impl Shape for String {
    const SCHEMA: &'static Schema = &Schema::String {
        length: Length::ANY,
        pattern: "",
    };
    fn decode(value: Value<'_>, _: &'static Schema) -> Result<Self, Rejection> {
        match value {
            Value::Text(text) => Ok(text.into_owned()),
            _ => Err(not_a("string")),
        }
    }
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.text(self);
    }
}

impl Shape for Blob {
    const SCHEMA: &'static Schema = &Schema::Blob(Length::ANY);
    fn decode(value: Value<'_>, _: &'static Schema) -> Result<Self, Rejection> {
        match value {
            Value::Bytes(mut bytes) => Ok(Blob(std::mem::take(&mut *bytes))),
            _ => Err(not_a("blob")),
        }
    }
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.blob(self);
    }
}

impl Shape for Timestamp {
    const SCHEMA: &'static Schema = &Schema::Timestamp;
    fn decode(value: Value<'_>, _: &'static Schema) -> Result<Self, Rejection> {
        match value {
            Value::Time(time) => Ok(time),
            _ => Err(not_a("timestamp")),
        }
    }
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.timestamp(*self);
    }
}

impl<T: Shape + Zeroize> Shape for Secret<T> {
    const SCHEMA: &'static Schema = T::SCHEMA;
    fn decode(value: Value<'_>, schema: &'static Schema) -> Result<Self, Rejection> {
        T::decode(value, schema).map(Secret::new)
    }
    fn encode(&self, schema: &'static Schema, to: &mut dyn Encoder) {
        to.secret(&mut |to| self.expose().encode(schema, to));
    }
}

impl<T: Shape> Shape for Box<T> {
    const SCHEMA: &'static Schema = T::SCHEMA;
    fn decode(value: Value<'_>, schema: &'static Schema) -> Result<Self, Rejection> {
        T::decode(value, schema).map(Box::new)
    }
    fn encode(&self, schema: &'static Schema, to: &mut dyn Encoder) {
        T::encode(self, schema, to);
    }
}

impl<T: Shape> Shape for Vec<T> {
    const SCHEMA: &'static Schema = &Schema::List {
        member: T::SCHEMA,
        member_name: "member",
        flattened: false,
        length: Length::ANY,
    };
    fn decode(value: Value<'_>, schema: &'static Schema) -> Result<Self, Rejection> {
        let (Value::List(values), Schema::List { member, .. }) = (value, schema) else {
            return Err(not_a("list"));
        };
        values
            .into_iter()
            .map(|value| T::decode(value, member))
            .collect()
    }
    fn encode(&self, schema: &'static Schema, to: &mut dyn Encoder) {
        let member = match schema {
            Schema::List { member, .. } => member,
            _ => T::SCHEMA,
        };
        to.list(schema, self.len(), &mut |index, to| {
            if let Some(value) = self.get(index) {
                value.encode(member, to);
            }
        });
    }
}

impl<T: Shape> Shape for BTreeMap<String, T> {
    const SCHEMA: &'static Schema = &Schema::Map {
        key: String::SCHEMA,
        value: T::SCHEMA,
        names: ("key", "value"),
        flattened: false,
        length: Length::ANY,
    };
    fn decode(value: Value<'_>, schema: &'static Schema) -> Result<Self, Rejection> {
        let (Value::Object(entries), Schema::Map { value: of, .. }) = (value, schema) else {
            return Err(not_a("map"));
        };
        entries
            .into_iter()
            .map(|(key, value)| Ok((key.into_owned(), T::decode(value, of)?)))
            .collect()
    }
    fn encode(&self, schema: &'static Schema, to: &mut dyn Encoder) {
        let of = match schema {
            Schema::Map { value, .. } => value,
            _ => T::SCHEMA,
        };
        to.map(schema, &mut |to| {
            for (key, value) in self {
                to.entry(key, &mut |to| value.encode(of, to));
            }
        });
    }
}

/// What an operation takes or gives that takes or gives nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Empty;

static EMPTY: Structure = Structure {
    name: "Empty",
    members: &[],
};

impl Shape for Empty {
    const SCHEMA: &'static Schema = &Schema::Structure(&EMPTY);
    fn decode(value: Value<'_>, _: &'static Schema) -> Result<Self, Rejection> {
        match value {
            Value::Object(_) => Ok(Self),
            _ => Err(not_a("structure")),
        }
    }
    fn encode(&self, _: &'static Schema, to: &mut dyn Encoder) {
        to.structure(&EMPTY, &mut |_| {});
    }
}
