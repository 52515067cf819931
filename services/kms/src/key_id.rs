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
        let mut bytes = [0; 16];
        let mut places = bytes.iter_mut();
        let mut groups = text.split('-');
        for digits in [8, 4, 4, 4, 12] {
            let group = groups.next().filter(|group| group.len() == digits)?;
            for pair in group.as_bytes().chunks_exact(2) {
                let &[high, low] = pair else { return None };
                *places.next()? = 16 * digit(high)? + digit(low)?;
            }
        }
        groups.next().is_none().then_some(Self(bytes))
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

/// A hexadecimal digit in lower case.
fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
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
