//! The id of a grant.

use std::fmt;

use crypto::random;

/// Thirty-two random bytes, written as sixty-four hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct GrantId([u8; 32]);

impl GrantId {
    /// A new one.
    pub(crate) fn random() -> Self {
        Self(random::bytes())
    }

    /// Reads sixty-four digits in lower case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

#[cfg(test)]
impl From<[u8; 32]> for GrantId {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_four_digits_in_lower_case() {
        let id = GrantId::random();
        assert_eq!(id.to_string().len(), 64);
        assert_eq!(GrantId::parse(&id.to_string()), Some(id));
        for text in [
            "",
            "0",
            &"0".repeat(63),
            &"0".repeat(65),
            &"A".repeat(64),
            &"g".repeat(64),
        ] {
            assert_eq!(GrantId::parse(text), None, "{text}");
        }
    }
}
