//! The id of a KMS key.

use std::fmt;

use base::RequestId;
use crypto::random;

/// A version 4 UUID in lower case, as `1234abcd-12ab-34cd-56ef-1234567890ab`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct KeyId([u8; 16]);

impl KeyId {
    /// A new random id.
    pub(crate) fn random() -> Self {
        Self(*RequestId::from_random(random::bytes()).bytes())
    }

    /// From the sixteen bytes of the UUID.
    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The sixteen bytes of the UUID.
    pub(crate) fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Reads the 36 characters of a UUID in lower case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        let hyphens = [8, 13, 18, 23];
        let mut digits = [0; 32];
        let mut places = digits.iter_mut();
        for (at, byte) in text.iter().enumerate() {
            match (hyphens.contains(&at), byte) {
                (true, b'-') => {}
                (false, b'0'..=b'9' | b'a'..=b'f') => *places.next()? = *byte,
                _ => return None,
            }
        }
        let mut bytes = [0; 16];
        hex::decode_to_slice(digits, &mut bytes).ok()?;
        (text.len() == 36).then_some(Self(bytes))
    }

    /// The id as text, on the stack.
    pub(crate) fn with_text<T>(&self, read: impl FnOnce(&str) -> T) -> T {
        let mut digits = [0; 32];
        // Sixteen bytes always fill thirty-two digits.
        let _ = hex::encode_to_slice(self.0, &mut digits);
        let mut text = [b'-'; 36];
        let places = text.iter_mut().enumerate();
        let places = places.filter(|(at, _)| !matches!(at, 8 | 13 | 18 | 23));
        for ((_, place), digit) in places.zip(digits) {
            *place = digit;
        }
        read(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| f.write_str(text))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lower_case_uuids() {
        for (text, valid) in [
            ("1234abcd-12ab-34cd-56ef-1234567890ab", true),
            ("00000000-0000-0000-0000-000000000000", true),
            ("1234ABCD-12ab-34cd-56ef-1234567890ab", false),
            ("1234abcd-12ab-34cd-56ef-1234567890a", false),
            ("1234abcd-12ab-34cd-56ef-1234567890abc", false),
            ("1234abcd-12ab-34cd-56ef", false),
            ("1234abcd012ab034cd056ef01234567890ab", false),
            ("1234abcd-12ab-34cd-56ef-1234567890-b", false),
            ("mrk-1234abcd12ab34cd56ef1234567890ab", false),
            ("", false),
        ] {
            let id = KeyId::parse(text);
            assert_eq!(id.is_some(), valid, "{text}");
            if let Some(id) = id {
                assert_eq!(id.to_string(), text);
            }
        }
    }

    #[test]
    fn random_ids_read_back() {
        let id = KeyId::random();
        assert_eq!(KeyId::parse(&id.to_string()), Some(id));
        assert_ne!(id, KeyId::random());
    }
}
