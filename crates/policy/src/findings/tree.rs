//! JSON that knows where each of its values stands.

use std::collections::HashSet;
use std::sync::Arc;

use crate::document::DEEPEST;

/// A place in a document, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A value and its place.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) json: Json,
}

#[derive(Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Member>),
}

/// A name in an object with its value.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: Arc<str>,
    pub(crate) name_span: Span,
    pub(crate) node: Node,
}

impl Node {
    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.json {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }
    /// The values of a list; any other value is a list of one.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.json {
            Json::List(list) => list,
            _ => std::slice::from_ref(self),
        }
    }
    /// The members of an object.
    pub(crate) fn members(&self) -> Option<&[Member]> {
        match &self.json {
            Json::Map(members) => Some(members),
            _ => None,
        }
    }
}

/// Reads one JSON value and nothing after it.
///
/// # Errors
/// Where it stops being JSON, or a name stands twice in an object, or it nests too deeply.
pub(crate) fn read(document: &str) -> Result<Node, usize> {
    let mut reader = Reader { document, at: 0 };
    let node = reader.node(0)?;
    reader.space();
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(reader.at),
    }
}

struct Reader<'d> {
    document: &'d str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.document.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Steps over `byte`, if it stands next.
    fn take(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), usize> {
        self.take(byte).then_some(()).ok_or(self.at)
    }

    fn node(&mut self, depth: usize) -> Result<Node, usize> {
        self.space();
        let start = self.at;
        let json = match self.peek() {
            Some(b'{' | b'[') if depth >= DEEPEST => return Err(start),
            Some(b'{') => Json::Map(self.members(depth + 1)?),
            Some(b'[') => Json::List(self.list(depth + 1)?),
            Some(b'"') => Json::Text(self.string()?),
            _ => self.word()?,
        };
        let span = self.since(start);
        Ok(Node { span, json })
    }

    fn since(&self, start: usize) -> Span {
        let end = self.at;
        Span { start, end }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, usize> {
        self.expect(b'[')?;
        let mut list = Vec::new();
        if self.take(b']') {
            return Ok(list);
        }
        loop {
            list.push(self.node(depth)?);
            if !self.take(b',') {
                self.expect(b']')?;
                return Ok(list);
            }
        }
    }

    fn members(&mut self, depth: usize) -> Result<Vec<Member>, usize> {
        self.expect(b'{')?;
        let (mut members, mut names) = (Vec::new(), HashSet::new());
        if self.take(b'}') {
            return Ok(members);
        }
        loop {
            self.space();
            let start = self.at;
            let name: Arc<str> = self.string()?.into();
            let name_span = self.since(start);
            if !names.insert(Arc::clone(&name)) {
                return Err(start);
            }
            self.expect(b':')?;
            let node = self.node(depth)?;
            members.push(Member {
                name,
                name_span,
                node,
            });
            if !self.take(b',') {
                self.expect(b'}')?;
                return Ok(members);
            }
        }
    }

    fn string(&mut self) -> Result<String, usize> {
        let start = self.at;
        self.expect(b'"')?;
        let mut escaped = false;
        loop {
            match self.peek() {
                None => return Err(start),
                Some(b'"') if !escaped => break,
                Some(byte) => escaped = byte == b'\\' && !escaped,
            }
            self.at += 1;
        }
        self.at += 1;
        let written = self.document.get(start..self.at).unwrap_or_default();
        serde_json::from_str(written).map_err(|_| start)
    }

    fn word(&mut self) -> Result<Json, usize> {
        let start = self.at;
        let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        while self.peek().is_some_and(part) {
            self.at += 1;
        }
        match self.document.get(start..self.at).unwrap_or_default() {
            "null" => Ok(Json::Null),
            "true" => Ok(Json::Bool(true)),
            "false" => Ok(Json::Bool(false)),
            number => match serde_json::from_str::<serde_json::Number>(number) {
                Ok(_) => Ok(Json::Number(number.to_owned())),
                Err(_) => Err(start),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_place() {
        let document = r#" {"é": ["b\"", -1.5, true], "c": null} "#;
        let node = read(document).unwrap();
        let at = |span: Span| document.get(span.start..span.end).unwrap();
        let members = node.members().unwrap();
        assert_eq!(at(members[0].name_span), "\"é\"");
        let shown: Vec<_> = members[0].node.items().iter().map(|n| at(n.span)).collect();
        assert_eq!(shown, [r#""b\"""#, "-1.5", "true"]);
        assert_eq!(members[0].node.items()[0].text(), Some("b\""));
        assert_eq!(at(members[1].node.span), "null");
    }

    #[test]
    fn the_place_of_a_mistake() {
        for (document, at) in [
            ("", 0),
            ("{", 1),
            ("{} {}", 3),
            ("\u{feff}{}", 0),
            (r#"{"a": 1, "a": 1}"#, 9),
            (r#"{"a": 1, "\u0061": 1}"#, 9),
            (r#"{"a": 1,}"#, 8),
            ("[1 2]", 3),
            (r#"["\ud800"]"#, 1),
            (r#"{"a": "b}"#, 6),
            ("{\"a\" 1}", 5),
            ("[01]", 1),
            ("[[[[[[[[[[[", 10),
        ] {
            assert_eq!(read(document).map(|_| ()), Err(at), "{document}");
        }
    }

    #[test]
    fn it_reads_what_policies_are_read_from() {
        for document in [
            "{}",
            "[]",
            "7",
            "\"a\"",
            "{\"a\": 1e999}",
            "[\"\t\"]",
            "nul",
        ] {
            let other = crate::document::read(document);
            assert_eq!(read(document).is_ok(), other.is_some(), "{document}");
        }
    }
}
