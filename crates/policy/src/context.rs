//! Condition keys and where their values come from.

use base::Timestamp;
use std::net::IpAddr;

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

/// The name of a condition key as written in a policy, prepared once for look-ups:
/// names compare without case, tag names and context names follow a `/` or a second `:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionKey {
    name: Box<str>,
    qualifier: Option<Box<str>>,
}

impl ConditionKey {
    /// Splits `aws:RequestTag/Team` into name `aws:requesttag` and qualifier `Team`, and
    /// `kms:EncryptionContext:App` into `kms:encryptioncontext` and `App`.
    pub fn new(written: &str) -> Self {
        let after_service = written.find(':').map_or(0, |at| at + 1);
        let rest = written.get(after_service..).unwrap_or_default();
        let cut = rest.find(['/', ':']).map(|at| after_service + at);
        let (name, qualifier) = match cut {
            Some(at) => (written.get(..at), written.get(at + 1..)),
            None => (Some(written), None),
        };
        Self {
            name: name.unwrap_or_default().to_ascii_lowercase().into(),
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

/// Knows the values of condition keys for one call. Values are computed only when asked for.
pub trait Context {
    /// Calls `each` for every value of `key`; answers whether the key is present at all
    /// (a key may be present with no value: an empty set).
    fn values(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool;
}
