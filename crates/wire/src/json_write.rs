//! Shapes as JSON bodies.

use base::Timestamp;

use crate::json_text::JsonText;
use crate::{Encoder, Member, Schema, Structure};

/// Writes one shape as the body of a reply.
pub(crate) struct JsonEncoder<'o>(JsonText<'o>);

impl<'o> JsonEncoder<'o> {
    pub(crate) fn new(out: &'o mut Vec<u8>) -> Self {
        Self(JsonText::new(out))
    }
}

impl Encoder for JsonEncoder<'_> {
    fn boolean(&mut self, value: bool) {
        self.0.boolean(value);
    }
    fn integer(&mut self, value: i64) {
        self.0.integer(value);
    }
    fn number(&mut self, value: f64) {
        self.0.number(value);
    }
    fn text(&mut self, value: &str) {
        self.0.text(value);
    }
    fn blob(&mut self, value: &[u8]) {
        self.0.base64(value);
    }
    /// Seconds since the epoch, milliseconds behind the point, as `1700000000.25`.
    fn timestamp(&mut self, value: Timestamp) {
        let millis = value.millis();
        let (whole, rest) = (millis.unsigned_abs() / 1_000, millis.unsigned_abs() % 1_000);
        if millis < 0 {
            self.0.out.push(b'-');
        }
        self.0.raw(itoa::Buffer::new().format(whole));
        let digits = [rest / 100, rest / 10 % 10, rest % 10].map(|digit| b'0' + digit as u8);
        let used = digits
            .iter()
            .rposition(|digit| *digit != b'0')
            .map_or(0, |last| last + 1);
        if used > 0 {
            self.0.out.push(b'.');
            self.0.out.extend(digits.iter().take(used));
        }
    }
    fn secret(&mut self, value: &mut dyn FnMut(&mut dyn Encoder)) {
        value(self);
    }
    fn list(
        &mut self,
        _: &'static Schema,
        count: usize,
        each: &mut dyn FnMut(usize, &mut dyn Encoder),
    ) {
        self.0.open(b'[');
        for index in 0..count {
            self.0.next();
            each(index, self);
        }
        self.0.close(b']');
    }
    fn map(&mut self, _: &'static Schema, each: &mut dyn FnMut(&mut dyn Encoder)) {
        self.0.open(b'{');
        each(self);
        self.0.close(b'}');
    }
    fn entry(&mut self, key: &str, value: &mut dyn FnMut(&mut dyn Encoder)) {
        self.0.name(key);
        value(self);
    }
    fn structure(&mut self, _: &'static Structure, members: &mut dyn FnMut(&mut dyn Encoder)) {
        self.0.open(b'{');
        members(self);
        self.0.close(b'}');
    }
    fn member(&mut self, member: &'static Member, value: &mut dyn FnMut(&mut dyn Encoder)) {
        self.0.name(member.name);
        value(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_plain_seconds() {
        for (millis, expected) in [
            (0, "0"),
            (1_700_000_000_000, "1700000000"),
            (1_700_000_000_250, "1700000000.25"),
            (1_700_000_000_001, "1700000000.001"),
            (-500, "-0.5"),
        ] {
            let mut out = Vec::new();
            JsonEncoder::new(&mut out).timestamp(Timestamp::from_millis(millis));
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
