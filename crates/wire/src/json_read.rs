//! JSON bodies: text to values, values to the types of a table.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

use crate::decode::{MOST_DEPTH, MOST_VALUES};
use crate::{Rejection, Schema, Value, conform};

/// Reads one body and gives every value the type its schema asks for.
pub(crate) fn read<'a>(body: &'a [u8], schema: &'static Schema) -> Result<Value<'a>, Rejection> {
    let mut value = parse(body).map_err(|error| {
        // The words of serde_json hold a position, never a piece of the body.
        Rejection::Serialization(Cow::Owned(format!("The body is not valid JSON: {error}")))
    })?;
    conform::json(&mut value, schema)?;
    Ok(value)
}

fn parse(body: &[u8]) -> Result<Value<'_>, serde_json::Error> {
    if body.trim_ascii().is_empty() {
        return Ok(Value::Object(Vec::new()));
    }
    match std::str::from_utf8(body) {
        // Looked at once, not text by text.
        Ok(body) => value(serde_json::Deserializer::from_str(body)),
        // Fails, and tells where.
        Err(_) => value(serde_json::Deserializer::from_slice(body)),
    }
}

fn value<'a, R: serde_json::de::Read<'a>>(
    mut reader: serde_json::Deserializer<R>,
) -> Result<Value<'a>, serde_json::Error> {
    let mut budget = MOST_VALUES;
    let seed = Seed {
        depth: MOST_DEPTH,
        budget: &mut budget,
    };
    let value = seed.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Builds one value, with what is left of depth and of the number of values.
struct Seed<'b> {
    depth: u32,
    budget: &'b mut u32,
}

impl Seed<'_> {
    fn spend<E: Error>(&mut self) -> Result<(), E> {
        let left = self.budget.checked_sub(1);
        *self.budget = left.ok_or_else(|| E::custom("too many values"))?;
        Ok(())
    }

    fn inner<E: Error>(&mut self) -> Result<Seed<'_>, E> {
        self.spend()?;
        let depth = self.depth.checked_sub(1);
        Ok(Seed {
            depth: depth.ok_or_else(|| E::custom("nested too deeply"))?,
            budget: self.budget,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value<'de>;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value<'de>, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value<'de>, E> {
        Ok(Value::Boolean(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value<'de>, E> {
        Ok(Value::Integer(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value<'de>, E> {
        Ok(i64::try_from(value).map_or(Value::Number(value as f64), Value::Integer))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value<'de>, E> {
        Ok(Value::Number(value))
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<Value<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(self.inner()?)? {
            list.push(element);
        }
        Ok(Value::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Value<'de>, A::Error> {
        let mut object = Vec::new();
        while let Some(name) = members.next_key_seed(Name)? {
            object.push((name, members.next_value_seed(self.inner()?)?));
        }
        Ok(Value::Object(object))
    }
}

/// Builds the name of a member.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Cow<'de, str>, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }
    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(name))
    }
    fn visit_str<E>(self, name: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_borrow_from_the_body() {
        let value =
            parse(br#"{"a":"plain","b":"esc\"aped","c":[1,-2.5,true,null,18446744073709551615]}"#)
                .unwrap();
        let Value::Object(members) = value else {
            panic!()
        };
        assert!(matches!(&members[0].1, Value::Text(Cow::Borrowed("plain"))));
        assert!(matches!(&members[1].1, Value::Text(Cow::Owned(text)) if text == "esc\"aped"));
        let list = vec![
            Value::Integer(1),
            Value::Number(-2.5),
            Value::Boolean(true),
            Value::Null,
            Value::Number(18_446_744_073_709_551_615.0),
        ];
        assert_eq!(members[2].1, Value::List(list));
    }

    #[test]
    fn nothing_is_an_empty_object() {
        for body in [&b""[..], b" \r\n", b"{}"] {
            assert_eq!(parse(body).unwrap(), Value::Object(Vec::new()));
        }
    }

    #[test]
    fn what_is_no_json() {
        let bodies: [&[u8]; 9] = [
            b"{",
            b"{}{}",
            b"{} x",
            b"{\"a\":1,}",
            b"{'a':1}",
            b"{\"a\":\"\\ud800\"}",
            b"{\"a\":\"\xff\"}",
            b"nul",
            b"\xef\xbb\xbf{}",
        ];
        for body in bodies {
            assert!(parse(body).is_err(), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn depth_and_number_are_limited() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(nested(64).as_bytes()).is_ok());
        assert!(parse(nested(66).as_bytes()).is_err());
        let long = |count: usize| format!("[{}]", vec!["0"; count].join(","));
        assert!(parse(long(99_000).as_bytes()).is_ok());
        assert!(parse(long(100_001).as_bytes()).is_err());
    }
}
