//! Shapes as the XML of Query replies.

use base::Timestamp;
use std::io::Write;

use crate::json_text::push_base64;
use crate::{Encoder, Member, Schema, Structure};

/// Writes elements at the end of a buffer.
pub(crate) struct XmlEncoder<'o> {
    out: &'o mut Vec<u8>,
    /// Length of `out` after the last element was opened: nothing written since means it is empty.
    opened: usize,
    /// The name that stands in place of a flattened member, until its list or map takes it.
    flattened: Option<&'static str>,
    /// Names of entry, key and value of the map being written; no entry where it is flattened.
    entry: (&'static str, &'static str, &'static str),
}

impl<'o> XmlEncoder<'o> {
    pub(crate) fn new(out: &'o mut Vec<u8>) -> Self {
        Self {
            out,
            opened: usize::MAX,
            flattened: None,
            entry: ("entry", "key", "value"),
        }
    }

    fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Opens an element.
    pub(crate) fn open(&mut self, name: &str) {
        self.out.push(b'<');
        self.raw(name);
        self.out.push(b'>');
        self.opened = self.out.len();
    }

    /// Closes an element; an empty one becomes `<name/>`.
    pub(crate) fn close(&mut self, name: &str) {
        if self.opened == self.out.len() {
            self.out.pop();
            self.raw("/>");
            return;
        }
        self.raw("</");
        self.raw(name);
        self.out.push(b'>');
    }

    /// An element that holds a text.
    pub(crate) fn element(&mut self, name: &str, text: &str) {
        self.open(name);
        self.text(text);
        self.close(name);
    }
}

/// Escapes `text` for XML 1.0. Characters it has no way to write (section 2.2) become U+FFFD, so that the reply
/// stays readable; a carriage return is written as a reference, as parsers otherwise turn it into a line feed.
fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let mut plain_from = 0;
    for (at, letter) in text.char_indices() {
        let escaped = match letter {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\r' => "&#xD;",
            '\t' | '\n' => continue,
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => "\u{fffd}",
            _ => continue,
        };
        out.extend_from_slice(text.get(plain_from..at).unwrap_or_default().as_bytes());
        out.extend_from_slice(escaped.as_bytes());
        plain_from = at + letter.len_utf8();
    }
    out.extend_from_slice(text.get(plain_from..).unwrap_or_default().as_bytes());
}

impl Encoder for XmlEncoder<'_> {
    fn boolean(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }
    fn integer(&mut self, value: i64) {
        self.raw(itoa::Buffer::new().format(value));
    }
    fn number(&mut self, value: f64) {
        match value {
            value if value == f64::INFINITY => self.raw("Infinity"),
            value if value == f64::NEG_INFINITY => self.raw("-Infinity"),
            value => {
                // Writing to memory does not fail.
                let _written = write!(self.out, "{value}");
            }
        }
    }
    fn text(&mut self, value: &str) {
        push_escaped(self.out, value);
    }
    fn blob(&mut self, value: &[u8]) {
        push_base64(self.out, value);
    }
    fn timestamp(&mut self, value: Timestamp) {
        let _written = write!(self.out, "{}", value.rfc3339());
    }
    fn secret(&mut self, value: &mut dyn FnMut(&mut dyn Encoder)) {
        value(self);
    }
    fn list(
        &mut self,
        schema: &'static Schema,
        count: usize,
        each: &mut dyn FnMut(usize, &mut dyn Encoder),
    ) {
        let name = match (self.flattened.take(), schema) {
            (Some(name), _) => name,
            (None, Schema::List { member_name, .. }) => member_name,
            (None, _) => "member",
        };
        for index in 0..count {
            self.open(name);
            each(index, self);
            self.close(name);
        }
    }
    fn map(&mut self, schema: &'static Schema, each: &mut dyn FnMut(&mut dyn Encoder)) {
        let name = self.flattened.take().unwrap_or("entry");
        let (key, value) = match schema {
            Schema::Map { names, .. } => *names,
            _ => ("key", "value"),
        };
        let outer = std::mem::replace(&mut self.entry, (name, key, value));
        each(self);
        self.entry = outer;
    }
    fn entry(&mut self, key: &str, value: &mut dyn FnMut(&mut dyn Encoder)) {
        let (entry_name, key_name, value_name) = self.entry;
        self.open(entry_name);
        self.element(key_name, key);
        self.open(value_name);
        value(self);
        self.close(value_name);
        self.close(entry_name);
    }
    fn structure(&mut self, _: &'static Structure, members: &mut dyn FnMut(&mut dyn Encoder)) {
        members(self);
    }
    fn member(&mut self, member: &'static Member, value: &mut dyn FnMut(&mut dyn Encoder)) {
        let name = member.name_in_query();
        if member.is_flattened() {
            self.flattened = Some(name);
            value(self);
            self.flattened = None;
        } else {
            self.open(name);
            value(self);
            self.close(name);
        }
    }
}
