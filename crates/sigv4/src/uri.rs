//! Paths and queries in the one spelling that is signed.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::digest::Sink;
use crate::refusal::Refusal;

const MOST_PARAMETERS: usize = 1000;

/// Name and value of a query parameter, encoded as they are signed.
type Parameter<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

/// How a service's paths are brought into canonical form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PathStyle {
    /// Dot segments and repeated slashes removed, then what was sent is encoded once more. Every
    /// service but S3.
    #[default]
    Normalised,
    /// As it is, encoded once. S3, whose keys may hold any of that.
    Literal,
}

/// Writes the canonical form of a path as sent.
pub(crate) fn write_path(
    path: &str,
    style: PathStyle,
    sink: &mut impl Sink,
) -> Result<(), Refusal> {
    match (path, style) {
        ("" | "/", _) => sink.put(b"/"),
        (_, PathStyle::Normalised) => write_normalised(path, sink),
        (_, PathStyle::Literal) => write_encoded(&decode(path, b'+')?, true, sink),
    }
    Ok(())
}

fn write_normalised(path: &str, sink: &mut impl Sink) {
    let mut kept: SmallVec<[&str; 16]> = SmallVec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    for segment in &kept {
        sink.put(b"/");
        write_encoded(segment.as_bytes(), false, sink);
    }
    if kept.is_empty() || path.ends_with('/') {
        sink.put(b"/");
    }
}

/// Writes the parameters of a query as sent, each encoded once, in order of name and value. The
/// `X-Amz-Signature` of a presigned query is left out, as it cannot sign itself.
pub(crate) fn write_query(query: &str, sink: &mut impl Sink) -> Result<(), Refusal> {
    let mut parameters: SmallVec<[Parameter<'_>; 8]> = SmallVec::new();
    for (name, value) in parameters_of(query) {
        let name = encoded_once(name)?;
        if *name != *b"X-Amz-Signature" {
            parameters.push((name, encoded_once(value)?));
        }
        if parameters.len() > MOST_PARAMETERS {
            return Err(Refusal::TooLong("query"));
        }
    }
    parameters.sort_unstable();
    for (index, (name, value)) in parameters.iter().enumerate() {
        sink.put(if index == 0 { b"" } else { b"&" });
        sink.put(name);
        sink.put(b"=");
        sink.put(value);
    }
    Ok(())
}

/// Names and values of a query, still encoded.
pub(crate) fn parameters_of(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// The text a name or value in a query stands for.
pub(crate) fn decoded_text(text: &str) -> Result<Cow<'_, str>, Refusal> {
    match decode(text, b' ')? {
        Cow::Borrowed(_) => Ok(Cow::Borrowed(text)),
        Cow::Owned(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Cow::Owned(text)),
            Err(_) => Err(Refusal::QuerySyntax),
        },
    }
}

/// `text` with each byte that is not unreserved (RFC 3986, section 2.3) as `%XX`.
pub(crate) fn encoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len() + 16);
    write_encoded(text.as_bytes(), false, &mut bytes);
    String::from_utf8(bytes).unwrap_or_default()
}

fn encoded_once(text: &str) -> Result<Cow<'_, [u8]>, Refusal> {
    if text.bytes().all(is_unreserved) {
        return Ok(Cow::Borrowed(text.as_bytes()));
    }
    let mut encoded = Vec::with_capacity(text.len() + 16);
    write_encoded(&decode(text, b' ')?, false, &mut encoded);
    Ok(Cow::Owned(encoded))
}

/// Resolves `%XX`. In a query a `+` is a space, in a path it is itself.
fn decode(text: &str, plus: u8) -> Result<Cow<'_, [u8]>, Refusal> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Ok(Cow::Borrowed(text.as_bytes()));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'%' => {
                let (high, low) = (
                    rest.next().and_then(hex_value),
                    rest.next().and_then(hex_value),
                );
                16 * high.ok_or(Refusal::QuerySyntax)? + low.ok_or(Refusal::QuerySyntax)?
            }
            b'+' => plus,
            byte => byte,
        });
    }
    Ok(Cow::Owned(decoded))
}

fn write_encoded(bytes: &[u8], keep_slash: bool, sink: &mut impl Sink) {
    let kept = |byte: u8| is_unreserved(byte) || (keep_slash && byte == b'/');
    for run in bytes.chunk_by(|one, next| kept(*one) && kept(*next)) {
        match run {
            [byte] if !kept(*byte) => sink.put(&[b'%', hex_digit(byte >> 4), hex_digit(byte & 15)]),
            run => sink.put(run),
        }
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

fn hex_digit(nibble: u8) -> u8 {
    nibble + if nibble < 10 { b'0' } else { b'A' - 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(path: &str, style: PathStyle) -> String {
        let mut text = Vec::new();
        write_path(path, style, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn paths() {
        for (sent, normalised, literal) in [
            ("", "/", "/"),
            ("/", "/", "/"),
            ("//", "/", "//"),
            ("/a/../..", "/", "/a/../.."),
            ("/../a", "/a", "/../a"),
            ("/a//b/", "/a/b/", "/a//b/"),
            ("/./a/.", "/a", "/./a/."),
            ("/a%20b", "/a%2520b", "/a%20b"),
            ("/a b+$", "/a%20b%2B%24", "/a%20b%2B%24"),
            ("/ሴ", "/%E1%88%B4", "/%E1%88%B4"),
            ("/%e1", "/%25e1", "/%E1"),
        ] {
            assert_eq!(path(sent, PathStyle::Normalised), normalised, "{sent}");
            assert_eq!(path(sent, PathStyle::Literal), literal, "{sent}");
        }
    }

    #[test]
    fn queries() {
        for (sent, canonical) in [
            ("", Ok("")),
            ("b&a", Ok("a=&b=")),
            ("a=2&a=1&A=3", Ok("A=3&a=1&a=2")),
            ("a=b=c", Ok("a=b%3Dc")),
            ("&&a=1&", Ok("a=1")),
            ("a=%2f+%7E", Ok("a=%2F%20~")),
            (
                "Param-3=3&Param=2&%E1%88%B4=1",
                Ok("%E1%88%B4=1&Param=2&Param-3=3"),
            ),
            ("X-Amz-Signature=0&a=1&X%2DAmz%2DSignature=1", Ok("a=1")),
            ("a=%", Err(Refusal::QuerySyntax)),
            ("a=%4", Err(Refusal::QuerySyntax)),
            ("%zz=1", Err(Refusal::QuerySyntax)),
        ] {
            let mut text = Vec::new();
            let written = write_query(sent, &mut text).map(|()| String::from_utf8(text).unwrap());
            assert_eq!(written, canonical.map(str::to_owned), "{sent}");
        }
        assert_eq!(
            write_query(&"a&".repeat(1001), &mut Vec::new()),
            Err(Refusal::TooLong("query"))
        );
    }

    #[test]
    fn texts() {
        assert_eq!(decoded_text("a%2Fb+c").as_deref(), Ok("a/b c"));
        assert_eq!(decoded_text("%FF"), Err(Refusal::QuerySyntax));
        assert_eq!(encoded("a/b ~é"), "a%2Fb%20~%C3%A9");
    }
}
