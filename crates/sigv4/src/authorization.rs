//! A signature in the Authorization header.
//!
//! Source: IAM User Guide, "Authentication methods", HTTP authorization header.

use crate::ALGORITHM;
use crate::credential::Credential;
use crate::date::SignedAt;
use crate::digest::base64_sha256;
use crate::presented::{Carrier, Presented, checked_header_names, checked_token, signature_bytes};
use crate::refusal::{Refusal, cut};
use crate::request::Headers;

const LONGEST: usize = 8 * 1024;

/// The headers a signature is read from.
#[derive(Default)]
pub(crate) struct SeenHeaders<'a> {
    pub(crate) authorization: Option<&'a [u8]>,
    amz_date: Option<&'a [u8]>,
    date: Option<&'a [u8]>,
    security_token: Option<&'a [u8]>,
}

impl<'a> SeenHeaders<'a> {
    /// Picks them out, each at most once.
    pub(crate) fn of(headers: &'a dyn Headers) -> Result<Self, Refusal> {
        let mut seen = Self::default();
        let mut repeated = None;
        headers.each(&mut |name, value| {
            let (place, name) = match name {
                "authorization" => (&mut seen.authorization, "Authorization"),
                "x-amz-date" => (&mut seen.amz_date, "X-Amz-Date"),
                "date" => (&mut seen.date, "Date"),
                "x-amz-security-token" => (&mut seen.security_token, "X-Amz-Security-Token"),
                _ => return,
            };
            if place.replace(value).is_some() {
                repeated = Some(name);
            }
        });
        repeated.map_or(Ok(seen), |name| Err(Refusal::Repeated(name)))
    }

    fn has_date(&self) -> bool {
        self.amz_date.or(self.date).is_some()
    }

    fn signed_at(&self) -> Result<SignedAt<'a>, Refusal> {
        match self.amz_date {
            Some(date) => SignedAt::basic(text_of(date).into()),
            None => SignedAt::http(text_of(self.date.unwrap_or_default())),
        }
    }
}

#[derive(Default)]
struct Parameters<'a> {
    credential: Option<&'a str>,
    signed_headers: Option<&'a str>,
    signature: Option<&'a str>,
}

/// Reads the Authorization header `value`.
pub(crate) fn read<'a>(value: &'a [u8], seen: &SeenHeaders<'a>) -> Result<Presented<'a>, Refusal> {
    if value.len() > LONGEST {
        return Err(Refusal::TooLong("Authorization"));
    }
    let text = text_of(value);
    let (algorithm, rest) = base::cut(text, b' ').unwrap_or((text, ""));
    if !algorithm.starts_with("AWS4-") {
        return Err(Refusal::MissingToken);
    }
    if algorithm != ALGORITHM {
        return Err(Refusal::UnsupportedAlgorithm(cut(algorithm)));
    }
    let authorization_sha256 = || base64_sha256(value);
    let parameters = parameters(rest, authorization_sha256)?;
    let Parameters {
        credential: Some(credential),
        signed_headers: Some(names),
        signature: Some(signature),
    } = parameters
    else {
        return Err(missing(&parameters, seen, authorization_sha256()));
    };
    if !seen.has_date() {
        return Err(missing(&parameters, seen, authorization_sha256()));
    }
    Ok(Presented {
        credential: Credential::parse(credential.into())?,
        signed_headers: checked_header_names(names.into())?,
        signature: signature_bytes(signature),
        signed_at: seen.signed_at()?,
        security_token: seen
            .security_token
            .map(|token| checked_token(text_of(token).into()))
            .transpose()?,
        carrier: Carrier::Header,
    })
}

// AWS: parameters may be parted by commas, by spaces, or by both.
fn parameters(text: &str, sha256: impl Fn() -> String) -> Result<Parameters<'_>, Refusal> {
    let mut parameters = Parameters::default();
    for part in base::pieces(text, b',')
        .flat_map(|part| base::pieces(part, b' '))
        .filter(|part| !part.is_empty())
    {
        let Some((name, value)) = base::cut(part, b'=') else {
            return Err(Refusal::NoEqualSign {
                authorization_sha256: sha256(),
            });
        };
        let (place, name) = match name {
            "Credential" => (&mut parameters.credential, "Credential"),
            "SignedHeaders" => (&mut parameters.signed_headers, "SignedHeaders"),
            "Signature" => (&mut parameters.signature, "Signature"),
            _ => continue,
        };
        if place.replace(value).is_some() {
            return Err(Refusal::Repeated(name));
        }
    }
    Ok(parameters)
}

fn missing(
    parameters: &Parameters<'_>,
    seen: &SeenHeaders<'_>,
    authorization_sha256: String,
) -> Refusal {
    let all = [
        ("Credential", parameters.credential),
        ("Signature", parameters.signature),
        ("SignedHeaders", parameters.signed_headers),
    ];
    let absent = all.into_iter().filter(|(_, value)| value.is_none());
    Refusal::MissingParameters {
        parameters: absent.map(|(name, _)| name).collect(),
        date: !seen.has_date(),
        authorization_sha256,
    }
}

/// A header value as text. Bytes that are no UTF-8 read as nothing, which no part of a signature is.
fn text_of(value: &[u8]) -> &str {
    std::str::from_utf8(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: (&str, &str) = ("x-amz-date", "20261123T063813Z");

    fn refusal(authorization: &str, more: &[(&str, &str)]) -> Option<Refusal> {
        let mut headers = more.to_vec();
        headers.push(("authorization", authorization));
        let seen = match SeenHeaders::of(&headers) {
            Ok(seen) => seen,
            Err(refusal) => return Some(refusal),
        };
        read(authorization.as_bytes(), &seen).err()
    }

    #[test]
    fn separators() {
        for authorization in [
            "AWS4-HMAC-SHA256 Credential=A/20261123/r/s/t, SignedHeaders=host, Signature=00",
            "AWS4-HMAC-SHA256 Credential=A/20261123/r/s/t,SignedHeaders=host,Signature=00",
            "AWS4-HMAC-SHA256 Signature=00   SignedHeaders=host Credential=A/20261123/r/s/t",
            "AWS4-HMAC-SHA256 Credential=A/20261123/r/s/t, SignedHeaders=, Signature=, Other=1",
        ] {
            assert_eq!(refusal(authorization, &[DATE]), None, "{authorization}");
        }
    }

    #[test]
    fn refusals() {
        let long = format!("AWS4-HMAC-SHA256 {}", "x".repeat(9000));
        let incomplete =
            |parameters: &[&'static str], date, text: &str| Refusal::MissingParameters {
                parameters: parameters.to_vec(),
                date,
                authorization_sha256: base64_sha256(text.as_bytes()),
            };
        let bare = "AWS4-HMAC-SHA256";
        let keyless = "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=00";
        let no_pair = "AWS4-HMAC-SHA256 Credential=not valid/20261123/r/s/t, Signature=00";
        let all = ["Credential", "Signature", "SignedHeaders"];
        for (authorization, headers, expected) in [
            ("Bearer AWS4-x", vec![DATE], Refusal::MissingToken),
            ("", vec![DATE], Refusal::MissingToken),
            (
                "AWS4-ECDSA-P256-SHA256 Credential=A",
                vec![DATE],
                Refusal::UnsupportedAlgorithm("AWS4-ECDSA-P256-SHA256".into()),
            ),
            (long.as_str(), vec![DATE], Refusal::TooLong("Authorization")),
            (bare, vec![], incomplete(&all, true, bare)),
            (
                keyless,
                vec![DATE],
                incomplete(&["Credential"], false, keyless),
            ),
            (
                no_pair,
                vec![DATE],
                Refusal::NoEqualSign {
                    authorization_sha256: base64_sha256(no_pair.as_bytes()),
                },
            ),
            (
                "AWS4-HMAC-SHA256 Signature=0,Signature=0",
                vec![DATE],
                Refusal::Repeated("Signature"),
            ),
            (
                "AWS4-HMAC-SHA256 x=1",
                vec![DATE, DATE],
                Refusal::Repeated("X-Amz-Date"),
            ),
            (
                "AWS4-HMAC-SHA256 Credential=A/20261123/r/s/t,SignedHeaders=h,Signature=0",
                vec![
                    ("x-amz-date", "201"),
                    ("date", "Mon, 23 Nov 2026 06:38:13 GMT"),
                ],
                Refusal::DateForm("201".into()),
            ),
        ] {
            assert_eq!(
                refusal(authorization, &headers),
                Some(expected),
                "{authorization}"
            );
        }
    }
}
