//! What a secret holds: text or bytes.

use base::{Secret, same_bytes};
use pipeline::Failure;
use wire::Blob;

use crate::errors;

/// Bytes that a value has at most.
const MOST_BYTES: usize = 65_536;

/// A value in the open, for as long as a call lasts.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// `SecretString`.
    Text(Secret<String>),
    /// `SecretBinary`.
    Binary(Secret<Blob>),
}

impl Value {
    /// What a caller sends, if anything.
    pub(crate) fn read(
        text: &Option<Secret<String>>,
        binary: &Option<Secret<Blob>>,
    ) -> Result<Option<Self>, Failure> {
        match (text, binary) {
            (Some(_), Some(_)) => Err(errors::two_values()),
            (Some(text), None) if text.expose().len() > MOST_BYTES => {
                Err(errors::value_too_large())
            }
            (Some(text), None) => Ok(Some(Self::Text(text.clone()))),
            (None, Some(binary)) => Ok(Some(Self::Binary(binary.clone()))),
            (None, None) => Ok(None),
        }
    }

    /// What was sealed.
    pub(crate) fn opened(binary: bool, bytes: &Secret<Vec<u8>>) -> Result<Self, Failure> {
        let bytes = bytes.expose().clone();
        match binary {
            true => Ok(Self::Binary(Secret::new(Blob(bytes)))),
            false => match String::from_utf8(bytes) {
                Ok(text) => Ok(Self::Text(Secret::new(text))),
                Err(_) => Err(Failure::internal("a text that is none")),
            },
        }
    }

    /// To be sealed.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.expose().as_bytes(),
            Self::Binary(binary) => binary.expose(),
        }
    }

    pub(crate) fn is_binary(&self) -> bool {
        matches!(self, Self::Binary(_))
    }

    /// Whether both are the same, in time that depends on their lengths only.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.is_binary() == other.is_binary() && same_bytes(self.bytes(), other.bytes())
    }

    /// `SecretString` and `SecretBinary` of a reply.
    pub(crate) fn into_members(self) -> (Option<Secret<String>>, Option<Secret<Blob>>) {
        match self {
            Self::Text(text) => (Some(text), None),
            Self::Binary(binary) => (None, Some(binary)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(Secret::new(text.to_owned()))
    }

    #[test]
    fn text_and_bytes_differ() {
        let binary = Value::Binary(Secret::new(Blob(b"a".to_vec())));
        assert!(text("a").is(&text("a")));
        assert!(!text("a").is(&text("b")));
        assert!(!text("a").is(&binary));
        assert!(!format!("{:?}", text("hunter2")).contains("hunter2"));
    }
}
