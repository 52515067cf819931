//! Condition keys and where their values come from.

use base::Timestamp;
use std::net::IpAddr;

use crate::condition::parse_date;

/// One value of a condition key, borrowed from whoever knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A string or an ARN.
    Text(&'a str),
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(f64),
    /// An instant.
    Date(Timestamp),
    /// An address.
    Ip(IpAddr),
    /// Bytes, compared as base64 by `BinaryEquals`.
    Bytes(&'a [u8]),
}

impl Value<'static> {
    /// The instant that `text` means where policies compare dates: ISO 8601, or seconds since 1970; `None` for what is
    /// no date, and for years that are too far away.
    /// Source: IAM User Guide, "Date condition operators".
    pub fn parse_date(text: &str) -> Option<Self> {
        let micros = i64::try_from(parse_date(text)?).ok()?;
        Some(Self::Date(Timestamp::from_micros(micros)))
    }
}

/// The name of a condition key as written in a policy, prepared once for look-ups:
/// names compare without case, tag names and context names follow a `/` or a second `:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionKey {
    name: Box<str>,
    qualifier: Option<Box<str>>,
}

impl ConditionKey {
    /// Splits `aws:RequestTag/Team` into name `aws:requesttag` and qualifier `Team`, and
    /// `kms:EncryptionContext:App` into `kms:encryptioncontext` and `App`: no other name takes a colon.
    pub fn new(written: &str) -> Self {
        let (name, qualifier) = split(written);
        Self {
            name: name.to_ascii_lowercase().into(),
            qualifier: qualifier.map(Into::into),
        }
    }
    /// Service prefix and name in lower case, as `aws:requesttag`.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// What follows the name, as written: a tag's name or an encryption context's.
    pub fn qualifier(&self) -> Option<&str> {
        self.qualifier.as_deref()
    }
}

fn split(written: &str) -> (&str, Option<&str>) {
    let after_service = written.find(':').map_or(0, |at| at + 1);
    let rest = written.get(after_service..).unwrap_or_default();
    let cut = rest.find(['/', ':']).map(|at| after_service + at);
    let Some((name, behind)) = cut.and_then(|at| written.split_at_checked(at)) else {
        return (written, None);
    };
    let separator = match name.eq_ignore_ascii_case("kms:EncryptionContext") {
        true => ':',
        false => '/',
    };
    match behind.strip_prefix(separator) {
        Some(qualifier) => (name, Some(qualifier)),
        None => (written, None),
    }
}

/// Knows the values of condition keys for one call. Values are computed only when asked for.
pub trait Context {
    /// Calls `each` for every value of `key`; answers whether the key is present at all
    /// (a key may be present with no value: an empty set).
    fn values(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_qualifiers() {
        for (written, name, qualifier) in [
            ("aws:UserAgent", "aws:useragent", None),
            ("aws:RequestTag/Team", "aws:requesttag", Some("Team")),
            ("aws:RequestTag/a/b:c", "aws:requesttag", Some("a/b:c")),
            ("aws:RequestTag:Team", "aws:requesttag:team", None),
            (
                "kms:EncryptionContext:App",
                "kms:encryptioncontext",
                Some("App"),
            ),
            (
                "KMS:encryptioncontext:a/b",
                "kms:encryptioncontext",
                Some("a/b"),
            ),
            (
                "kms:EncryptionContext/App",
                "kms:encryptioncontext/app",
                None,
            ),
            (
                "kms:EncryptionContextKeys",
                "kms:encryptioncontextkeys",
                None,
            ),
            (
                "oidc.example.com/id/1:sub",
                "oidc.example.com/id/1:sub",
                None,
            ),
            ("plain", "plain", None),
        ] {
            let key = ConditionKey::new(written);
            assert_eq!(
                (key.name(), key.qualifier()),
                (name, qualifier),
                "{written}"
            );
        }
    }
}
