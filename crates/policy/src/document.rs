//! JSON as policies allow it: no key twice, no deep nesting.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// Deeper than any policy: Statement, statement, Condition, operator, key, list.
pub(crate) const DEEPEST: usize = 10;

/// A JSON value whose objects keep their order.
#[derive(Debug, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// Reads one JSON value and nothing after it; `None` for all else.
pub(crate) fn read(document: &str) -> Option<Node> {
    let mut reader = serde_json::Deserializer::from_str(document);
    let node = Level(0).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(node)
}

#[derive(Clone, Copy)]
struct Level(usize);

impl Level {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.0 < DEEPEST {
            Ok(Self(self.0 + 1))
        } else {
            Err(E::custom("nested too deeply"))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Node;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        let number = serde_json::Number::from_f64(value);
        number
            .map(Node::Number)
            .ok_or_else(|| E::custom("not a number"))
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }
    fn visit_string<E: Error>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let level = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(level)? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
        let level = self.deeper()?;
        let mut map = Vec::new();
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom("a key stands twice"));
            }
            map.push((name, members.next_value_seed(level)?));
        }
        Ok(Node::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read() {
        let text = |text: &str| Node::Text(text.to_owned());
        let read_back = read(r#"{"a": ["b", null, true, 7, -1, 0.5], "c": {}}"#).unwrap();
        let list = vec![
            text("b"),
            Node::Null,
            Node::Bool(true),
            Node::Number(7.into()),
            Node::Number((-1).into()),
            Node::Number(serde_json::Number::from_f64(0.5).unwrap()),
        ];
        let expected = Node::Map(vec![
            ("a".to_owned(), Node::List(list)),
            ("c".to_owned(), Node::Map(vec![])),
        ]);
        assert_eq!(read_back, expected);
    }

    #[test]
    fn what_is_refused() {
        let deep = "[".repeat(11) + &"]".repeat(11);
        let deeper = "[".repeat(5_000_000);
        for document in [
            "",
            "{",
            "{} {}",
            "\u{feff}{}",
            "{} // comment",
            r#"{"a": 1, "a": 1}"#,
            r#"{"a": 1, "\u0061": 1}"#,
            r#"{"a": {"b": 1, "b": 2}}"#,
            r#"{"a": 1,}"#,
            r#"{"a": 1e999}"#,
            r#"["\ud800"]"#,
            "{'a': 1}",
            &deep,
            &deeper,
        ] {
            let shown: String = document.chars().take(40).collect();
            assert_eq!(read(document), None, "{shown}");
        }
    }
}
