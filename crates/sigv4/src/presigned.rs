//! A signature in the query, as presigned URLs carry it.
//!
//! Source: IAM User Guide, "Authentication methods", query string parameters.

use std::borrow::Cow;

use crate::ALGORITHM;
use crate::credential::Credential;
use crate::date::SignedAt;
use crate::presented::{Carrier, Presented, checked_header_names, checked_token, signature_bytes};
use crate::refusal::{Refusal, cut};
use crate::uri::{decoded_text, parameters_of};

const LONGEST_EXPIRY_SECONDS: u32 = 7 * 24 * 60 * 60;

/// The parameters a signature is read from, decoded.
#[derive(Default)]
pub(crate) struct SeenParameters<'a> {
    algorithm: Option<Cow<'a, str>>,
    credential: Option<Cow<'a, str>>,
    signature: Option<Cow<'a, str>>,
    signed_headers: Option<Cow<'a, str>>,
    date: Option<Cow<'a, str>>,
    expires: Option<Cow<'a, str>>,
    security_token: Option<Cow<'a, str>>,
}

impl<'a> SeenParameters<'a> {
    /// Picks them out, each at most once; none if there is nothing of a signature.
    pub(crate) fn of(query: &'a str) -> Result<Option<Self>, Refusal> {
        let mut seen = Self::default();
        for (name, value) in parameters_of(query) {
            let (place, name) = match &*decoded_text(name)? {
                "X-Amz-Algorithm" => (&mut seen.algorithm, "X-Amz-Algorithm"),
                "X-Amz-Credential" => (&mut seen.credential, "X-Amz-Credential"),
                "X-Amz-Signature" => (&mut seen.signature, "X-Amz-Signature"),
                "X-Amz-SignedHeaders" => (&mut seen.signed_headers, "X-Amz-SignedHeaders"),
                "X-Amz-Date" => (&mut seen.date, "X-Amz-Date"),
                "X-Amz-Expires" => (&mut seen.expires, "X-Amz-Expires"),
                "X-Amz-Security-Token" => (&mut seen.security_token, "X-Amz-Security-Token"),
                _ => continue,
            };
            if place.replace(decoded_text(value)?).is_some() {
                return Err(Refusal::Repeated(name));
            }
        }
        let signs = seen.algorithm.is_some()
            || seen.credential.is_some()
            || seen.signature.is_some()
            || seen.signed_headers.is_some();
        Ok(signs.then_some(seen))
    }

    fn missing(&self) -> Refusal {
        let all = [
            ("X-Amz-Algorithm", &self.algorithm),
            ("X-Amz-Credential", &self.credential),
            ("X-Amz-Signature", &self.signature),
            ("X-Amz-SignedHeaders", &self.signed_headers),
            ("X-Amz-Date", &self.date),
        ];
        let absent = all.into_iter().filter(|(_, value)| value.is_none());
        Refusal::MissingQueryParameters(absent.map(|(name, _)| name).collect())
    }
}

/// Reads a presigned query.
pub(crate) fn read(seen: SeenParameters<'_>) -> Result<Presented<'_>, Refusal> {
    let SeenParameters {
        algorithm: Some(algorithm),
        credential: Some(credential),
        signature: Some(signature),
        signed_headers: Some(signed_headers),
        date: Some(date),
        expires,
        security_token,
    } = seen
    else {
        return Err(seen.missing());
    };
    if algorithm != ALGORITHM {
        return Err(Refusal::UnsupportedAlgorithm(cut(&algorithm)));
    }
    Ok(Presented {
        credential: Credential::parse(credential)?,
        signed_headers: checked_header_names(signed_headers)?,
        signature: signature_bytes(&signature),
        signed_at: SignedAt::basic(date)?,
        security_token: security_token.map(checked_token).transpose()?,
        carrier: Carrier::Query {
            expires: expires.as_deref().map(seconds).transpose()?,
        },
    })
}

fn seconds(text: &str) -> Result<u32, Refusal> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(seconds @ 1..=LONGEST_EXPIRY_SECONDS) if digits => Ok(seconds),
        _ => Err(Refusal::ExpiresForm),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "Action=X&X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=A%2F20261123%2Fr%2Fs%2Ft&X-Amz-Date=20261123T063813Z\
        &X-Amz-SignedHeaders=host%3Bx-y&X-Amz-Expires=60&X-Amz-Security-Token=a%2Bb%2F&X-Amz-Signature=00";

    fn parse(query: &str) -> Result<Presented<'_>, Refusal> {
        read(SeenParameters::of(query)?.unwrap_or_default())
    }

    #[test]
    fn reads_all() {
        let presented = parse(GOOD).unwrap();
        assert_eq!(presented.access_key_id(), "A");
        assert_eq!(presented.signed_headers, "host;x-y");
        assert_eq!(presented.security_token(), Some("a+b/"));
        assert_eq!(presented.expires(), Some(60));
        assert!(presented.is_presigned());
    }

    #[test]
    fn without_expiry() {
        let query = GOOD.replace("&X-Amz-Expires=60", "");
        assert_eq!(parse(&query).unwrap().expires(), None);
    }

    #[test]
    fn no_signature_at_all() {
        for query in [
            "",
            "Action=X",
            "x-amz-algorithm=AWS4-HMAC-SHA256",
            "X-Amz-Date=1",
        ] {
            assert!(SeenParameters::of(query).unwrap().is_none(), "{query}");
        }
    }

    #[test]
    fn refusals() {
        let names = [
            "Algorithm",
            "Credential",
            "Signature",
            "SignedHeaders",
            "Date",
        ];
        let full = names.map(|name| format!("X-Amz-{name}"));
        for name in &full {
            let query = GOOD.replace(&format!("&{name}="), "&other=");
            let refusal = parse(&query).err().map(|refusal| refusal.message());
            let expected = format!(
                "AWS query-string parameters must include '{name}'. Re-examine the query-string parameters."
            );
            assert_eq!(refusal, Some(expected));
        }
        for (from, to, expected) in [
            (
                "HMAC-SHA256",
                "SHA1",
                Refusal::UnsupportedAlgorithm("AWS4-SHA1".into()),
            ),
            ("Expires=60", "Expires=0", Refusal::ExpiresForm),
            ("Expires=60", "Expires=604801", Refusal::ExpiresForm),
            ("Expires=60", "Expires=%2B60", Refusal::ExpiresForm),
            ("Expires=60", "Expires=", Refusal::ExpiresForm),
            ("%2Ft&", "&", Refusal::CredentialElements(4)),
            (
                "063813Z",
                "0638Z",
                Refusal::DateForm("20261123T0638Z".into()),
            ),
            ("host%3B", "Host%3B", Refusal::SignedHeadersForm),
            (
                "Action=X",
                "X-Amz-Signature=1",
                Refusal::Repeated("X-Amz-Signature"),
            ),
            (
                "Action=X",
                "X-Amz-%53ignature=1",
                Refusal::Repeated("X-Amz-Signature"),
            ),
            ("a%2Bb", "a%GG", Refusal::QuerySyntax),
        ] {
            assert_eq!(parse(&GOOD.replace(from, to)).err(), Some(expected), "{to}");
        }
    }
}
