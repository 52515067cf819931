//! The signature a request presents, read but not yet believed.

use std::borrow::Cow;
use std::fmt;

use base::Timestamp;

use crate::authorization::{self, SeenHeaders};
use crate::credential::Credential;
use crate::date::SignedAt;
use crate::presigned::{self, SeenParameters};
use crate::refusal::Refusal;
use crate::request::RequestParts;

const LONGEST_SIGNED_HEADERS: usize = 4 * 1024;
const LONGEST_TOKEN: usize = 16 * 1024;

/// The day, region and service a signature is good for, as the request claims them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scope<'a> {
    /// The day as `20261123`.
    pub date: &'a str,
    /// The region as `eu-central-1`.
    pub region: &'a str,
    /// The service as `kms`.
    pub service: &'a str,
}

/// The signature a request presents. Nothing of it is proved before [`crate::Checked::verify`].
pub struct Presented<'a> {
    pub(crate) credential: Credential<'a>,
    pub(crate) signed_headers: Cow<'a, str>,
    pub(crate) signature: Option<[u8; 32]>,
    pub(crate) signed_at: SignedAt<'a>,
    pub(crate) security_token: Option<Cow<'a, str>>,
    pub(crate) carrier: Carrier,
}

/// Where the signature stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    Header,
    Query { expires: Option<u32> },
}

impl<'a> Presented<'a> {
    /// Finds the signature of `request`, in its Authorization header or in its query.
    ///
    /// # Errors
    /// `Ok(None)` if it carries none, which is AWS's `MissingAuthenticationToken` wherever a caller must
    /// be known. A [`Refusal`] if what is there is not one well-formed signature of this version.
    pub fn parse(request: &RequestParts<'a>) -> Result<Option<Self>, Refusal> {
        let headers = SeenHeaders::of(request.headers)?;
        let parameters = SeenParameters::of(request.query)?;
        match (headers.authorization, parameters) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(Refusal::TwoSignatures),
            (Some(authorization), None) => authorization::read(authorization, &headers).map(Some),
            (None, Some(parameters)) => presigned::read(parameters).map(Some),
        }
    }

    /// The id of the access key it claims to be signed with: up to 128 bytes, otherwise unchecked.
    pub fn access_key_id(&self) -> &str {
        &self.credential.access_key_id
    }

    /// The scope it claims to be signed for.
    pub fn scope(&self) -> Scope<'_> {
        Scope {
            date: &self.credential.date,
            region: &self.credential.region,
            service: &self.credential.service,
        }
    }

    /// When it says it was signed, in whole seconds.
    pub fn signed_at(&self) -> Timestamp {
        self.signed_at.instant
    }

    /// The session token beside it, a secret. Whoever takes it must bind it to the access key id.
    pub fn security_token(&self) -> Option<&str> {
        self.security_token.as_deref()
    }

    /// How many seconds a presigned request asked to be valid, 1 to 604800.
    pub fn expires(&self) -> Option<u32> {
        match self.carrier {
            Carrier::Header => None,
            Carrier::Query { expires } => expires,
        }
    }

    /// Whether it stands in the query.
    pub fn is_presigned(&self) -> bool {
        self.carrier != Carrier::Header
    }
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Presented");
        fields.field("access_key_id", &self.access_key_id());
        fields.field("scope", &self.scope());
        fields.field("signed_at", &self.signed_at());
        fields.finish_non_exhaustive()
    }
}

/// Bounds `SignedHeaders` and holds it to lower-case header names (RFC 9110, section 5.6.2).
pub(crate) fn checked_header_names(names: Cow<'_, str>) -> Result<Cow<'_, str>, Refusal> {
    if names.len() > LONGEST_SIGNED_HEADERS {
        return Err(Refusal::TooLong("SignedHeaders"));
    }
    // Without an early exit the compiler tests many bytes at a time.
    if !names
        .bytes()
        .fold(true, |all, byte| all & is_in_header_names(byte))
    {
        return Err(Refusal::SignedHeadersForm);
    }
    Ok(names)
}

fn is_in_header_names(byte: u8) -> bool {
    byte.is_ascii_lowercase()
        | byte.is_ascii_digit()
        | matches!(byte, b';' | b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// Bounds a session token.
pub(crate) fn checked_token(token: Cow<'_, str>) -> Result<Cow<'_, str>, Refusal> {
    if token.len() > LONGEST_TOKEN {
        return Err(Refusal::TooLong("X-Amz-Security-Token"));
    }
    Ok(token)
}

/// The bytes of a signature; none if it is not 64 lower-case hexadecimal digits, as no signature is
/// equal to such.
pub(crate) fn signature_bytes(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let mut digits = text.bytes();
    for byte in &mut bytes {
        *byte = 16 * hex_value(digits.next()?)? + hex_value(digits.next()?)?;
    }
    digits.next().is_none().then_some(bytes)
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures() {
        let good = "0f".repeat(32);
        assert_eq!(signature_bytes(&good), Some([15; 32]));
        for text in [
            "",
            "0f",
            good.trim_start_matches('0'),
            &format!("{good}0"),
            &good.to_uppercase(),
            &"é".repeat(32),
        ] {
            assert_eq!(signature_bytes(text), None, "{text}");
        }
    }

    #[test]
    fn header_names() {
        let many = "a;".repeat(2047) + "ab";
        for (names, expected) in [
            ("host;x-amz-date", None),
            ("", None),
            ("x_y;z.1", None),
            (many.as_str(), None),
            ("Host", Some(Refusal::SignedHeadersForm)),
            ("host x", Some(Refusal::SignedHeadersForm)),
            ("host:x", Some(Refusal::SignedHeadersForm)),
            ("höst", Some(Refusal::SignedHeadersForm)),
            (&format!("{many};"), Some(Refusal::TooLong("SignedHeaders"))),
        ] {
            assert_eq!(
                checked_header_names(names.into()).err(),
                expected,
                "{names}"
            );
        }
    }

    fn parse<'a>(
        headers: &'a [(&'a str, &'a str)],
        query: &'a str,
    ) -> Result<Option<Presented<'a>>, Refusal> {
        let headers = &headers.to_vec();
        Presented::parse(&RequestParts {
            method: "GET",
            path: "/",
            query,
            headers,
        })
        .map(|_| None)
    }

    #[test]
    fn one_signature_or_none() {
        let header = [("authorization", "AWS4-HMAC-SHA256 x")];
        assert!(matches!(
            parse(&[("host", "a")], "Action=X&Version=1"),
            Ok(None)
        ));
        for query in ["X-Amz-Algorithm=AWS4-HMAC-SHA256", "a=1&X%2DAmz-Signature"] {
            assert_eq!(
                parse(&header, query).err(),
                Some(Refusal::TwoSignatures),
                "{query}"
            );
        }
    }

    #[test]
    fn debug_hides_the_token() {
        let headers = [
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=A/20261123/r/s/t,SignedHeaders=,Signature=",
            ),
            ("x-amz-date", "20261123T063813Z"),
            ("x-amz-security-token", "hunter2"),
        ];
        let request = RequestParts {
            method: "GET",
            path: "/",
            query: "",
            headers: &headers,
        };
        let presented = Presented::parse(&request).unwrap().unwrap();
        assert_eq!(presented.security_token(), Some("hunter2"));
        assert!(!format!("{presented:?}").contains("hunter2"));
    }
}
