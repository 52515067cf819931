//! Shapes as CBOR bodies (RFC 8949).
//!
//! Source: Smithy RPC v2 CBOR protocol, "Shape serialization".

use base::Timestamp;
use minicbor::encode;
use std::convert::Infallible;

use crate::{Encoder, Fault, Member, Schema, Structure};

/// The tag of seconds since the epoch.
const EPOCH_SECONDS: u64 = 1;

/// Writes one shape as the body of a reply. Maps and structures end with a break, as their length is not known before.
pub(crate) struct CborEncoder<'o>(encode::Encoder<&'o mut Vec<u8>>);

impl<'o> CborEncoder<'o> {
    pub(crate) fn new(out: &'o mut Vec<u8>) -> Self {
        Self(encode::Encoder::new(out))
    }

    /// Memory takes whatever is written: there is no error.
    fn put(
        &mut self,
        write: impl FnOnce(
            &mut encode::Encoder<&'o mut Vec<u8>>,
        ) -> Result<(), encode::Error<Infallible>>,
    ) {
        let written = write(&mut self.0);
        debug_assert!(written.is_ok());
    }
}

/// An error: `__type` and `message`.
pub(crate) fn fault(fault: &Fault, body: &mut Vec<u8>) {
    let mut cbor = CborEncoder::new(body);
    cbor.put(|to| to.begin_map()?.ok());
    let mut members = vec![("__type", fault.facts.code)];
    if !fault.message.is_empty() {
        members.push(("message", &fault.message));
    }
    members.extend(fault.reason.map(|reason| ("Reason", reason)));
    for (name, text) in members {
        cbor.put(|to| to.str(name)?.str(text)?.ok());
    }
    cbor.put(|to| to.end()?.ok());
}

impl Encoder for CborEncoder<'_> {
    fn boolean(&mut self, value: bool) {
        self.put(|to| to.bool(value)?.ok());
    }
    fn integer(&mut self, value: i64) {
        self.put(|to| to.i64(value)?.ok());
    }
    fn number(&mut self, value: f64) {
        self.put(|to| to.f64(value)?.ok());
    }
    fn text(&mut self, value: &str) {
        self.put(|to| to.str(value)?.ok());
    }
    fn blob(&mut self, value: &[u8]) {
        self.put(|to| to.bytes(value)?.ok());
    }
    /// Seconds since the epoch: whole, or with milliseconds behind the point.
    fn timestamp(&mut self, value: Timestamp) {
        let millis = value.millis();
        let tag = minicbor::data::Tag::new(EPOCH_SECONDS);
        self.put(|to| match millis % 1_000 {
            0 => to.tag(tag)?.i64(millis / 1_000)?.ok(),
            _ => to.tag(tag)?.f64(millis as f64 / 1_000.0)?.ok(),
        });
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
        self.put(|to| to.array(count as u64)?.ok());
        for index in 0..count {
            each(index, self);
        }
    }
    fn map(&mut self, _: &'static Schema, each: &mut dyn FnMut(&mut dyn Encoder)) {
        self.put(|to| to.begin_map()?.ok());
        each(self);
        self.put(|to| to.end()?.ok());
    }
    fn entry(&mut self, key: &str, value: &mut dyn FnMut(&mut dyn Encoder)) {
        self.text(key);
        value(self);
    }
    fn structure(&mut self, _: &'static Structure, members: &mut dyn FnMut(&mut dyn Encoder)) {
        self.put(|to| to.begin_map()?.ok());
        members(self);
        self.put(|to| to.end()?.ok());
    }
    fn member(&mut self, member: &'static Member, value: &mut dyn FnMut(&mut dyn Encoder)) {
        self.text(member.name);
        value(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorFacts;

    #[test]
    fn times() {
        for (millis, expected) in [
            (1_363_896_240_000, &[0xc1, 0x1a, 0x51, 0x4b, 0x67, 0xb0][..]),
            (
                1_363_896_240_500,
                &[0xc1, 0xfb, 0x41, 0xd4, 0x52, 0xd9, 0xec, 0x20, 0, 0],
            ),
        ] {
            let mut out = Vec::new();
            CborEncoder::new(&mut out).timestamp(Timestamp::from_millis(millis));
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn faults() {
        static FACTS: ErrorFacts = ErrorFacts {
            code: "C",
            status: 400,
            sender: true,
        };
        let mut out = Vec::new();
        fault(&FACTS.says("m").because("r"), &mut out);
        assert_eq!(
            out,
            b"\xbf\x66__type\x61C\x67message\x61m\x66Reason\x61r\xff"
        );
        out.clear();
        fault(&FACTS.says(""), &mut out);
        assert_eq!(out, b"\xbf\x66__type\x61C\xff");
    }
}
