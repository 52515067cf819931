//! The canonical request and the string to sign.
//!
//! Source: IAM User Guide, "Create a signed AWS API request", steps 1 to 3.

use smallvec::SmallVec;

use crate::digest::{Digester, HexDigest, Sink};
use crate::presented::Scope;
use crate::refusal::Refusal;
use crate::uri::{PathStyle, write_path, write_query};
use crate::{ALGORITHM, TERMINATOR};

/// A header that is signed: its lower-case name and one of its values.
pub(crate) type SignedHeader<'a> = (&'a str, &'a [u8]);

/// The parts of a request in the order they are signed.
pub(crate) struct CanonicalRequest<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) path_style: PathStyle,
    pub(crate) query: &'a str,
    /// In order of their names; values of one name stand together, in order of arrival.
    pub(crate) headers: &'a [SignedHeader<'a>],
    pub(crate) payload_hash: &'a HexDigest,
}

impl CanonicalRequest<'_> {
    /// Its hash.
    pub(crate) fn hash(&self) -> Result<HexDigest, Refusal> {
        let mut digester = Digester::new();
        self.write(&mut digester)?;
        Ok(digester.finish())
    }

    /// Writes it out.
    pub(crate) fn write(&self, sink: &mut impl Sink) -> Result<(), Refusal> {
        sink.put(self.method.as_bytes());
        sink.put(b"\n");
        write_path(self.path, self.path_style, sink)?;
        sink.put(b"\n");
        write_query(self.query, sink)?;
        sink.put(b"\n");
        for values in self.by_name() {
            write_header(values, sink);
        }
        sink.put(b"\n");
        for (index, values) in self.by_name().enumerate() {
            sink.put(if index == 0 { b"" } else { b";" });
            sink.put(name_of(values).as_bytes());
        }
        sink.put(b"\n");
        sink.put(self.payload_hash);
        Ok(())
    }

    fn by_name(&self) -> impl Iterator<Item = &[SignedHeader<'_>]> {
        self.headers.chunk_by(|one, next| one.0 == next.0)
    }
}

fn name_of<'a>(values: &[SignedHeader<'a>]) -> &'a str {
    values.first().map_or("", |(name, _)| name)
}

fn write_header(values: &[SignedHeader<'_>], sink: &mut impl Sink) {
    sink.put(name_of(values).as_bytes());
    for (index, (_, value)) in values.iter().enumerate() {
        sink.put(if index == 0 { b":" } else { b"," });
        write_folded(value, sink);
    }
    sink.put(b"\n");
}

/// Writes a header value without outer blanks and with each inner run of blanks as one space.
fn write_folded(value: &[u8], sink: &mut impl Sink) {
    let value = value.trim_ascii();
    if is_folded(value) {
        return sink.put(value);
    }
    let words = value
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    for (index, word) in words.enumerate() {
        sink.put(if index == 0 { b"" } else { b" " });
        sink.put(word);
    }
}

/// Whether all blanks in `value`, which has none at its ends, are single spaces. Most values have none:
/// the first pass tells so several bytes at a time.
fn is_folded(value: &[u8]) -> bool {
    let no_blank = value.iter().fold(true, |none, byte| none & (*byte > b' '));
    no_blank
        || value
            .windows(2)
            .all(|pair| !matches!(pair, [b' ', b' '] | [b'\t' | b'\n' | b'\r', _]))
}

/// What the signature is made over.
pub(crate) fn string_to_sign(
    signed_at: &str,
    scope: Scope<'_>,
    hash: &HexDigest,
) -> SmallVec<[u8; 256]> {
    let Scope {
        date,
        region,
        service,
    } = scope;
    let mut text = SmallVec::new();
    let pieces = [
        ALGORITHM, "\n", signed_at, "\n", date, "/", region, "/", service, "/", TERMINATOR, "\n",
    ];
    for piece in pieces {
        text.extend_from_slice(piece.as_bytes());
    }
    text.extend_from_slice(hash);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::hex_sha256;

    #[test]
    fn folding() {
        for (value, folded) in [
            ("", ""),
            ("   ", ""),
            ("plain", "plain"),
            ("  a b  ", "a b"),
            ("a   b   c", "a b c"),
            ("\"a   b\"", "\"a b\""),
            ("a\tb", "a b"),
            ("a\n  b\r\n c", "a b c"),
        ] {
            let mut text = Vec::new();
            write_folded(value.as_bytes(), &mut text);
            assert_eq!(String::from_utf8(text).unwrap(), folded, "{value:?}");
        }
    }

    #[test]
    fn all_parts_in_order() {
        let headers: [SignedHeader<'_>; 3] = [
            ("host", b"a"),
            ("my-header1", b" v2 "),
            ("my-header1", b"v1"),
        ];
        let request = CanonicalRequest {
            method: "POST",
            path: "/a/../b c",
            path_style: PathStyle::Normalised,
            query: "y=2&x=1",
            headers: &headers,
            payload_hash: &hex_sha256(b"body"),
        };
        let mut text = Vec::new();
        request.write(&mut text).unwrap();
        let expected = "POST\n/b%20c\nx=1&y=2\nhost:a\nmy-header1:v2,v1\n\nhost;my-header1\n\
            230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
        assert_eq!(request.hash().unwrap(), hex_sha256(expected.as_bytes()));
    }
}
