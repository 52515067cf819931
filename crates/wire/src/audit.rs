//! Shapes as CloudTrail records them: no secrets, no bytes, names in lower camel case.
//!
//! AWS: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use base::Timestamp;
use std::fmt::Write;

use crate::json_text::JsonText;
use crate::{Encoder, Member, Schema, Shape, Structure};

/// CloudTrail's own words in place of a secret.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Writes `value` at the end of `out` as `requestParameters` or `responseElements` of a record: a JSON object, or
/// `null` where nothing is left to show.
///
/// Sensitive members and blobs are left out with their names; a secret that is no member reads
/// `HIDDEN_DUE_TO_SECURITY_REASONS`. Allocates nothing but room in `out`.
pub fn audit_json<T: Shape>(value: &T, out: &mut Vec<u8>) {
    let start = out.len();
    value.encode(T::SCHEMA, &mut AuditEncoder(JsonText::new(out)));
    if out.get(start..) == Some(b"{}") {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

struct AuditEncoder<'o>(JsonText<'o>);

/// Whether all that a value of `schema` holds is bytes.
fn only_bytes(schema: &Schema) -> bool {
    match schema {
        Schema::Blob(_) => true,
        Schema::List { member, .. } => only_bytes(member),
        Schema::Map { value, .. } => only_bytes(value),
        _ => false,
    }
}

impl Encoder for AuditEncoder<'_> {
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
    fn blob(&mut self, _: &[u8]) {
        self.0.text(HIDDEN);
    }
    fn timestamp(&mut self, value: Timestamp) {
        let mut text = Line::default();
        // Twenty characters fit.
        let _written = write!(text, "{}", value.rfc3339());
        let number = |from: usize, to: usize| -> u32 {
            let digits = text.as_str().get(from..to);
            digits
                .and_then(|digits| digits.parse().ok())
                .unwrap_or_default()
        };
        let (year, month, day, hour) = (number(0, 4), number(5, 7), number(8, 10), number(11, 13));
        let (minute, second) = (number(14, 16), number(17, 19));
        let month = MONTHS.iter().zip(1..).find(|(_, at)| *at == month);
        let month = month.map_or("", |(name, _)| *name);
        let half = if hour < 12 { "AM" } else { "PM" };
        let hour = (hour + 11) % 12 + 1;
        let mut shown = Line::default();
        let _written = write!(
            shown,
            "{month} {day}, {year} {hour}:{minute:02}:{second:02} {half}"
        );
        self.0.text(shown.as_str());
    }
    fn secret(&mut self, _: &mut dyn FnMut(&mut dyn Encoder)) {
        self.0.text(HIDDEN);
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
        if member.sensitive || only_bytes(member.schema) {
            return;
        }
        self.0.name_lower_first(member.name);
        value(self);
    }
}

/// A short text on the stack.
struct Line {
    bytes: [u8; 64],
    used: usize,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            bytes: [0; 64],
            used: 0,
        }
    }
}

impl Line {
    fn as_str(&self) -> &str {
        let used = self.bytes.get(..self.used).unwrap_or_default();
        std::str::from_utf8(used).unwrap_or_default()
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.used + text.len();
        let room = self.bytes.get_mut(self.used..end).ok_or(std::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.used = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Empty;
    use crate::test_shapes::full;
    use expect_test::expect;

    #[test]
    fn no_secret_and_no_bytes() {
        let mut out = b"before:".to_vec();
        audit_json(&full(), &mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains("hunter"), "{text}");
        expect![[r#"before:{"keyId":"alias/é \"<&>\"\r\n\u0001","name":"name","keyUsage":"SIGN_VERIFY","usages":["ENCRYPT_DECRYPT","SIGN_VERIFY"],"numberOfBytes":32,"size":-9223372036854775808,"ratio":0.5,"enabled":true,"creationDate":"Nov 24, 2026 6:38:13 AM","tags":[{"tagKey":"a"},{"tagKey":"b","tagValue":""}],"names":[],"flat":["one","two"],"context":{"first":"1","other":"2"},"tagMap":{"k":{"tagKey":"t"}},"hints":["HIDDEN_DUE_TO_SECURITY_REASONS"],"child":{"keyId":"inner"}}"#]].assert_eq(&text);
    }

    #[test]
    fn nothing_to_show() {
        let mut out = Vec::new();
        audit_json(&Empty, &mut out);
        assert_eq!(out, b"null");
    }

    #[test]
    fn hours_of_the_day() {
        for (at, expected) in [
            ("2026-01-01T00:00:00Z", "\"Jan 1, 2026 12:00:00 AM\""),
            ("2026-06-09T01:02:03Z", "\"Jun 9, 2026 1:02:03 AM\""),
            ("2026-11-23T12:38:13Z", "\"Nov 23, 2026 12:38:13 PM\""),
            ("2026-12-31T23:59:59Z", "\"Dec 31, 2026 11:59:59 PM\""),
        ] {
            let mut out = Vec::new();
            audit_json(&Timestamp::parse_rfc3339(at).unwrap(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
