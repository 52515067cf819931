//! Why a request is not accepted as signed, in AWS's words.

use base::Timestamp;

use crate::ALGORITHM;
use crate::check::SKEW_SECONDS;

/// What family of AWS error code a refusal belongs to. The code itself depends on the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `MissingAuthenticationToken`, in JSON `MissingAuthenticationTokenException`.
    MissingAuthenticationToken,
    /// `IncompleteSignature`, in JSON `IncompleteSignatureException`.
    IncompleteSignature,
    /// `SignatureDoesNotMatch`, in JSON `InvalidSignatureException`.
    InvalidSignature,
    /// `RequestExpired`: a presigned request after its end.
    RequestExpired,
    /// `MalformedQueryString`.
    MalformedQueryString,
}

/// Why a request is not accepted as signed. `Display` is the message for the caller.
///
/// Nothing in it repeats an Authorization header, a session token or a canonical request: AWS shows
/// the SHA-256 of the first, and the last would carry the token.
///
/// Sources: IAM User Guide, "Troubleshoot Signature Version 4 signing"; messages as services send them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is an Authorization header, but not one of Signature Version 4.
    #[error("Missing Authentication Token")]
    MissingToken,
    /// The request is signed in its header and in its query.
    #[error(
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
    )]
    TwoSignatures,
    /// An algorithm of the `AWS4` family that is not spoken here, its name cut to 64 characters.
    #[error("Unsupported AWS 'algorithm': '{0}' (only {ALGORITHM} for now). ")]
    UnsupportedAlgorithm(String),
    /// A part of the Authorization header has no `=`.
    #[error(
        "Invalid key=value pair (missing equal-sign) in Authorization header \
         (hashed with SHA-256 and encoded with Base64): '{authorization_sha256}'."
    )]
    NoEqualSign {
        /// The Base64 SHA-256 of the header.
        authorization_sha256: String,
    },
    /// Parameters or the date are missing beside the Authorization header.
    #[error(
        "{}(Hashed with SHA-256 and encoded with Base64) Authorization={authorization_sha256}",
        missing_in_header(parameters, *date)
    )]
    MissingParameters {
        /// Which of `Credential`, `Signature` and `SignedHeaders` are missing.
        parameters: Vec<&'static str>,
        /// Whether the date is missing too.
        date: bool,
        /// The Base64 SHA-256 of the header.
        authorization_sha256: String,
    },
    /// Parameters of a presigned query are missing.
    #[error("{}Re-examine the query-string parameters.", missing_in_query(.0))]
    MissingQueryParameters(Vec<&'static str>),
    /// A header or parameter of the signature is there twice.
    #[error("'{0}' must be given only once.")]
    Repeated(&'static str),
    /// A header or parameter of the signature exceeds what this product reads.
    #[error("'{0}' is too long.")]
    TooLong(&'static str),
    /// The credential has not five parts, or its key id is empty. It is not repeated here: what people
    /// put in the wrong place is often the secret.
    #[error(
        "Credential must have exactly 5 slash-delimited elements, \
         e.g. keyid/date/region/service/term, got {0}"
    )]
    CredentialElements(usize),
    /// The date is not of the form `20261123T063813Z`. Cut to 64 characters.
    #[error(
        "Date must be in ISO-8601 'basic format'. Got '{0}'. \
         See http://en.wikipedia.org/wiki/ISO_8601"
    )]
    DateForm(String),
    /// `SignedHeaders` is not a list of lower-case header names.
    #[error("SignedHeaders must be lower-case header names separated by ';'.")]
    SignedHeadersForm,
    /// `X-Amz-Expires` is not a number of seconds up to seven days.
    #[error("X-Amz-Expires must be a number of seconds from 1 to 604800.")]
    ExpiresForm,
    /// A `%` in the query without two hexadecimal digits behind it, or bytes that are not UTF-8.
    #[error("The query string contains a syntax error.")]
    QuerySyntax,
    /// A header that must be signed is not.
    #[error("{} must be a 'SignedHeader' in the AWS Authorization.", quoted_header(.0))]
    HeaderNotSigned(String),
    /// The credential scope is not for this service, region or day.
    #[error("{}", .0.iter().map(ScopeFault::to_string).collect::<String>())]
    WrongScope(Vec<ScopeFault>),
    /// Signed longer ago than clocks may differ.
    #[error(
        "Signature expired: {} is now earlier than {} ({} - {} min.)",
        signed_at.basic(), now.plus_seconds(-SKEW_SECONDS).basic(), now.basic(), SKEW_SECONDS / 60
    )]
    Expired {
        /// When it was signed.
        signed_at: Timestamp,
        /// The server's time.
        now: Timestamp,
    },
    /// Signed further in the future than clocks may differ.
    #[error(
        "Signature not yet current: {} is still later than {} ({} + {} min.)",
        signed_at.basic(), now.plus_seconds(SKEW_SECONDS).basic(), now.basic(), SKEW_SECONDS / 60
    )]
    NotYetCurrent {
        /// When it was signed.
        signed_at: Timestamp,
        /// The server's time.
        now: Timestamp,
    },
    /// A presigned request after the time its `X-Amz-Expires` gave it.
    #[error("Request has expired. Expires date is {}", .0.rfc3339())]
    RequestExpired(Timestamp),
    /// The `x-amz-content-sha256` header is not the SHA-256 of the body.
    #[error("The provided 'x-amz-content-sha256' header does not match what was computed.")]
    PayloadMismatch,
    /// The signature is not that of this request under this key.
    #[error(
        "The request signature we calculated does not match the signature you provided. \
         Check your AWS Secret Access Key and signing method. \
         Consult the service documentation for details."
    )]
    SignatureMismatch,
}

/// One thing wrong with a credential scope; a scope may have several.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeFault {
    /// Not a region, or not the one that serves the request.
    #[error("Credential should be scoped to a valid region. ")]
    Region,
    /// Not the service that is called.
    #[error("Credential should be scoped to correct service: '{expected}'. ")]
    Service {
        /// The service that is called.
        expected: String,
    },
    /// Not `aws4_request`.
    #[error("Credential should be scoped with a valid terminator: 'aws4_request', not '{given}'. ")]
    Terminator {
        /// What stands there.
        given: String,
    },
    /// Not the day of the request's date.
    #[error(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
         '{given}' != '{expected}', from '{signed_at}'."
    )]
    Date {
        /// The day in the scope.
        given: String,
        /// The day of the request's date.
        expected: String,
        /// The request's date.
        signed_at: String,
    },
}

impl Refusal {
    /// What the caller is told.
    pub fn message(&self) -> String {
        self.to_string()
    }

    /// The family of AWS error code.
    pub fn kind(&self) -> Kind {
        match self {
            Self::MissingToken => Kind::MissingAuthenticationToken,
            Self::UnsupportedAlgorithm(_)
            | Self::NoEqualSign { .. }
            | Self::MissingParameters { .. }
            | Self::MissingQueryParameters(_)
            | Self::Repeated(_)
            | Self::TooLong(_)
            | Self::CredentialElements(_)
            | Self::DateForm(_)
            | Self::SignedHeadersForm
            | Self::ExpiresForm => Kind::IncompleteSignature,
            Self::TwoSignatures
            | Self::HeaderNotSigned(_)
            | Self::WrongScope(_)
            | Self::Expired { .. }
            | Self::NotYetCurrent { .. }
            | Self::PayloadMismatch
            | Self::SignatureMismatch => Kind::InvalidSignature,
            Self::RequestExpired(_) => Kind::RequestExpired,
            Self::QuerySyntax => Kind::MalformedQueryString,
        }
    }
}

/// The first 64 characters of `text`.
pub(crate) fn cut(text: &str) -> String {
    text.chars().take(64).collect()
}

fn missing_in_header(parameters: &[&str], date: bool) -> String {
    let mut message = String::new();
    for parameter in parameters {
        message += &format!("Authorization header requires '{parameter}' parameter. ");
    }
    if date {
        message += "Authorization header requires existence of either \
                    a 'X-Amz-Date' or a 'Date' header. ";
    }
    message
}

fn missing_in_query(parameters: &[&str]) -> String {
    let one = |name: &&str| format!("AWS query-string parameters must include '{name}'. ");
    parameters.iter().map(one).collect()
}

fn quoted_header(name: &str) -> String {
    match name {
        "host" => "'Host' or ':authority'".into(),
        _ => format!("'{name}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages() {
        let now = Timestamp::parse_basic("20261123T063813Z").unwrap();
        let cases = [
            (
                Refusal::MissingParameters {
                    parameters: vec!["Credential", "Signature"],
                    date: true,
                    authorization_sha256: "AA==".into(),
                },
                "Authorization header requires 'Credential' parameter. \
                 Authorization header requires 'Signature' parameter. \
                 Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. \
                 (Hashed with SHA-256 and encoded with Base64) Authorization=AA==",
            ),
            (
                Refusal::MissingQueryParameters(vec!["X-Amz-Credential", "X-Amz-Date"]),
                "AWS query-string parameters must include 'X-Amz-Credential'. \
                 AWS query-string parameters must include 'X-Amz-Date'. \
                 Re-examine the query-string parameters.",
            ),
            (
                Refusal::WrongScope(vec![
                    ScopeFault::Region,
                    ScopeFault::Service {
                        expected: "kms".into(),
                    },
                    ScopeFault::Terminator {
                        given: "aws5".into(),
                    },
                    ScopeFault::Date {
                        given: "20261122".into(),
                        expected: "20261123".into(),
                        signed_at: "20261123T063813Z".into(),
                    },
                ]),
                "Credential should be scoped to a valid region. \
                 Credential should be scoped to correct service: 'kms'. \
                 Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'. \
                 Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
                 HTTP: '20261122' != '20261123', from '20261123T063813Z'.",
            ),
            (
                Refusal::Expired {
                    signed_at: now.plus_seconds(-301),
                    now,
                },
                "Signature expired: 20261123T063312Z is now earlier than 20261123T063313Z \
                 (20261123T063813Z - 5 min.)",
            ),
            (
                Refusal::NotYetCurrent {
                    signed_at: now.plus_seconds(301),
                    now,
                },
                "Signature not yet current: 20261123T064314Z is still later than 20261123T064313Z \
                 (20261123T063813Z + 5 min.)",
            ),
            (
                Refusal::HeaderNotSigned("host".into()),
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
            ),
            (
                Refusal::RequestExpired(now),
                "Request has expired. Expires date is 2026-11-23T06:38:13Z",
            ),
        ];
        for (refusal, message) in cases {
            assert_eq!(refusal.message(), message);
        }
    }
}
