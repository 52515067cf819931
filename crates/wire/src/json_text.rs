//! JSON as text: what replies and audit records share.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::Write;

/// Bytes of a text that are looked at together.
const PART: usize = 256;

/// Writes JSON at the end of a buffer, and knows when a comma is due.
pub(crate) struct JsonText<'o> {
    pub(crate) out: &'o mut Vec<u8>,
    follows: bool,
}

impl<'o> JsonText<'o> {
    pub(crate) fn new(out: &'o mut Vec<u8>) -> Self {
        Self {
            out,
            follows: false,
        }
    }

    /// Begins an object or a list.
    pub(crate) fn open(&mut self, bracket: u8) {
        self.out.push(bracket);
        self.follows = false;
    }

    /// Ends an object or a list.
    pub(crate) fn close(&mut self, bracket: u8) {
        self.out.push(bracket);
        self.follows = true;
    }

    /// Goes before each element of a list and each name.
    pub(crate) fn next(&mut self) {
        if self.follows {
            self.out.push(b',');
        }
        self.follows = true;
    }

    /// The name of a member.
    pub(crate) fn name(&mut self, name: &str) {
        self.next();
        self.text(name);
        self.out.push(b':');
    }

    /// The name of a member of a table with its first letter in lower case, as audit records have it.
    pub(crate) fn name_lower_first(&mut self, name: &'static str) {
        let start = self.out.len() + usize::from(self.follows) + 1;
        self.name(name);
        if let Some(first) = self.out.get_mut(start) {
            first.make_ascii_lowercase();
        }
    }

    pub(crate) fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn boolean(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    pub(crate) fn integer(&mut self, value: i64) {
        self.raw(itoa::Buffer::new().format(value));
    }

    /// A number; what JSON has no number for is a string, as AWS has it.
    pub(crate) fn number(&mut self, value: f64) {
        if value.is_nan() {
            self.raw("\"NaN\"");
        } else if value.is_infinite() {
            self.raw(if value > 0.0 {
                "\"Infinity\""
            } else {
                "\"-Infinity\""
            });
        } else {
            // Writing to memory does not fail.
            let _written = write!(self.out, "{value}");
        }
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.out.push(b'"');
        // Without an early exit the compiler tests many bytes at a time, and most texts hold nothing to escape.
        for part in text.as_bytes().chunks(PART) {
            if part.iter().fold(true, |all, byte| all & plain(*byte)) {
                self.out.extend_from_slice(part);
            } else {
                part.iter().for_each(|byte| self.byte(*byte));
            }
        }
        self.out.push(b'"');
    }

    fn byte(&mut self, byte: u8) {
        if plain(byte) {
            self.out.push(byte);
        } else {
            self.escape(byte);
        }
    }

    fn escape(&mut self, byte: u8) {
        match byte {
            b'"' => self.raw("\\\""),
            b'\\' => self.raw("\\\\"),
            b'\n' => self.raw("\\n"),
            b'\r' => self.raw("\\r"),
            b'\t' => self.raw("\\t"),
            other => {
                let _written = write!(self.out, "\\u{other:04x}");
            }
        }
    }

    /// Bytes in base64, in quotes.
    pub(crate) fn base64(&mut self, bytes: &[u8]) {
        self.out.push(b'"');
        push_base64(self.out, bytes);
        self.out.push(b'"');
    }
}

fn plain(byte: u8) -> bool {
    (byte >= 0x20) & (byte != b'"') & (byte != b'\\')
}

/// Writes `bytes` in base64 at the end of `out`, with no buffer between.
pub(crate) fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, b'=');
    if let Some(room) = out.get_mut(start..) {
        // The room is exactly what padded base64 takes.
        let written = STANDARD.encode_slice(bytes, room);
        debug_assert!(written.is_ok_and(|written| start + written == out.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(write: impl FnOnce(&mut JsonText<'_>)) -> String {
        let mut out = Vec::new();
        write(&mut JsonText::new(&mut out));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers() {
        for (number, expected) in [
            (0.0, "0"),
            (-0.5, "-0.5"),
            (1e21, "1000000000000000000000"),
            (f64::NAN, "\"NaN\""),
            (f64::INFINITY, "\"Infinity\""),
            (f64::NEG_INFINITY, "\"-Infinity\""),
        ] {
            assert_eq!(written(|json| json.number(number)), expected);
        }
    }

    #[test]
    fn base64_of_every_remainder() {
        for (bytes, expected) in [
            (&b""[..], "\"\""),
            (b"f", "\"Zg==\""),
            (b"fo", "\"Zm8=\""),
            (b"foo", "\"Zm9v\""),
        ] {
            assert_eq!(written(|json| json.base64(bytes)), expected);
        }
    }

    proptest! {
        #[test]
        fn texts_are_read_back(text in any::<String>()) {
            let json = written(|json| json.text(&text));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
