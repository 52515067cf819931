//! The id of a KMS key.

use std::fmt;

use base::RequestId;
use crypto::random;

/// What the id of a multi-Region key begins with.
const MULTI_REGION: &str = "mrk-";

/// A version 4 UUID in lower case, as `1234abcd-12ab-34cd-56ef-1234567890ab`; that of a multi-Region key, the same in
/// all its regions, as `mrk-1234abcd12ab34cd56ef1234567890ab`.
/// AWS document: AWS KMS Developer Guide, "Multi-Region keys in AWS KMS".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct KeyId {
    bytes: [u8; 16],
    multi_region: bool,
}

impl KeyId {
    /// A new random id.
    pub(crate) fn random(multi_region: bool) -> Self {
        Self::from_bytes(
            *RequestId::from_random(random::bytes()).bytes(),
            multi_region,
        )
    }

    /// From the sixteen bytes of the UUID.
    pub(crate) fn from_bytes(bytes: [u8; 16], multi_region: bool) -> Self {
        Self {
            bytes,
            multi_region,
        }
    }

    /// The sixteen bytes of the UUID.
    pub(crate) fn bytes(&self) -> &[u8; 16] {
        &self.bytes
    }

    /// Whether keys of several regions may have it.
    pub(crate) fn is_multi_region(&self) -> bool {
        self.multi_region
    }

    /// Reads either form, in lower case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix(MULTI_REGION) {
            Some(digits) => {
                let mut bytes = [0; 16];
                let mut places = bytes.iter_mut();
                read(digits, 32, &mut places)?;
                Some(Self::from_bytes(bytes, true))
            }
            None => Self::parse_uuid(text),
        }
    }

    fn parse_uuid(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        let mut places = bytes.iter_mut();
        let mut groups = base::pieces(text, b'-');
        for digits in [8, 4, 4, 4, 12] {
            read(groups.next()?, digits, &mut places)?;
        }
        let whole = groups.next().is_none();
        whole.then_some(Self::from_bytes(bytes, false))
    }

    /// The id as text, on the stack.
    pub(crate) fn with_text<T>(&self, read: impl FnOnce(&str) -> T) -> T {
        let mut digits = [0; 32];
        // Sixteen bytes always fill thirty-two digits.
        let _ = hex::encode_to_slice(self.bytes, &mut digits);
        let mut text = match self.multi_region {
            true => *b"mrk---------------------------------",
            false => [b'-'; 36],
        };
        let places = text.iter_mut().enumerate();
        let places = places.filter(|(at, _)| match self.multi_region {
            true => *at >= MULTI_REGION.len(),
            false => !matches!(at, 8 | 13 | 18 | 23),
        });
        for ((_, place), digit) in places.zip(digits) {
            *place = digit;
        }
        read(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// Reads `digits` hexadecimal digits, no more and no fewer, into the next places.
fn read<'a>(
    text: &str,
    digits: usize,
    places: &mut impl Iterator<Item = &'a mut u8>,
) -> Option<()> {
    if text.len() != digits {
        return None;
    }
    for pair in text.as_bytes().chunks_exact(2) {
        let &[high, low] = pair else { return None };
        *places.next()? = 16 * digit(high)? + digit(low)?;
    }
    Some(())
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
    fn only_lower_case_ids() {
        for (text, valid) in [
            ("1234abcd-12ab-34cd-56ef-1234567890ab", true),
            ("00000000-0000-0000-0000-000000000000", true),
            ("1234ABCD-12ab-34cd-56ef-1234567890ab", false),
            ("1234abcd-12ab-34cd-56ef-1234567890a", false),
            ("1234abcd-12ab-34cd-56ef-1234567890abc", false),
            ("1234abcd-12ab-34cd-56ef", false),
            ("1234abcd012ab034cd056ef01234567890ab", false),
            ("1234abcd-12ab-34cd-56ef-1234567890-b", false),
            ("mrk-1234abcd12ab34cd56ef1234567890ab", true),
            ("mrk-1234ABCD12ab34cd56ef1234567890ab", false),
            ("mrk-1234abcd12ab34cd56ef1234567890a", false),
            ("mrk-1234abcd12ab34cd56ef1234567890abc", false),
            ("mrk-1234abcd-12ab-34cd-56ef-1234567890ab", false),
            ("1234abcd12ab34cd56ef1234567890ab", false),
            ("mrk-", false),
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
        for multi_region in [false, true] {
            let id = KeyId::random(multi_region);
            assert_eq!(KeyId::parse(&id.to_string()), Some(id));
            assert_eq!(id.is_multi_region(), multi_region);
            assert_ne!(id, KeyId::random(multi_region));
        }
    }
}
