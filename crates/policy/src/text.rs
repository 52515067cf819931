//! Values of condition keys as text, without allocation.

use std::fmt::Write;

use crate::context::Value;

const LONGEST: usize = 64;

/// Text on the stack.
struct Buffer {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Write for Buffer {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.length + text.len();
        let place = self
            .bytes
            .get_mut(self.length..end)
            .ok_or(std::fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// Gives `then` the text of `value`: strings as they are, instants as `2026-11-23T06:38:13Z`.
/// Bytes, and numbers of more than 64 digits, have none.
pub(crate) fn with_text<R>(value: Value<'_>, then: impl FnOnce(&str) -> R) -> Option<R> {
    match value {
        Value::Text(text) => Some(then(text)),
        Value::Bool(true) => Some(then("true")),
        Value::Bool(false) => Some(then("false")),
        Value::Number(number) => written(format_args!("{number}"), then),
        Value::Date(instant) => written(format_args!("{}", instant.rfc3339()), then),
        Value::Ip(address) => written(format_args!("{address}"), then),
        Value::Bytes(_) => None,
    }
}

fn written<R>(text: std::fmt::Arguments<'_>, then: impl FnOnce(&str) -> R) -> Option<R> {
    let mut buffer = Buffer {
        bytes: [0; LONGEST],
        length: 0,
    };
    buffer.write_fmt(text).ok()?;
    let used = buffer.bytes.get(..buffer.length)?;
    std::str::from_utf8(used).ok().map(then)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Timestamp;

    #[test]
    fn every_kind_has_its_text() {
        for (value, expected) in [
            (Value::Text("a"), Some("a")),
            (Value::Bool(true), Some("true")),
            (Value::Number(10.0), Some("10")),
            (Value::Number(0.5), Some("0.5")),
            (Value::Number(1e300), None),
            (
                Value::Date(Timestamp::from_seconds(0)),
                Some("1970-01-01T00:00:00Z"),
            ),
            (Value::Ip([10, 0, 0, 1].into()), Some("10.0.0.1")),
            (Value::Bytes(b"a"), None),
        ] {
            let text = with_text(value, str::to_owned);
            assert_eq!(text.as_deref(), expected, "{value:?}");
        }
    }
}
