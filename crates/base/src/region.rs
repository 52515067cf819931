//! The name of an AWS region.

use std::fmt;

const MAX: usize = 30;

/// A region name as `eu-central-1`: lower-case letters, digits and hyphens, at most 30 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    bytes: [u8; MAX],
    length: u8,
}

/// The text is not a region name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a region is lower-case words and a number, as eu-central-1")]
pub struct InvalidRegion;

impl Region {
    /// `us-east-1`, where AWS's global services live.
    pub const US_EAST_1: Region = Region::literal(b"us-east-1");

    const fn literal(name: &[u8]) -> Self {
        let mut bytes = [0; MAX];
        let (head, _) = bytes.split_at_mut(name.len());
        head.copy_from_slice(name);
        Self {
            bytes,
            length: name.len() as u8,
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        let used = self.bytes.get(..usize::from(self.length));
        std::str::from_utf8(used.unwrap_or_default()).unwrap_or_default()
    }
}

impl std::str::FromStr for Region {
    type Err = InvalidRegion;
    fn from_str(text: &str) -> Result<Self, InvalidRegion> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let words = text.bytes().filter(|byte| *byte == b'-').count() + 1;
        let ends_in_digit = text.as_bytes().last().is_some_and(u8::is_ascii_digit);
        let begins_with_letter = text.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
        if text.len() <= MAX
            && words >= 3
            && ends_in_digit
            && begins_with_letter
            && text.bytes().all(allowed)
        {
            Ok(Self::literal(text.as_bytes()))
        } else {
            Err(InvalidRegion)
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions() {
        for (text, valid) in [
            ("us-east-1", true),
            ("us-gov-west-1", true),
            ("local", false),
            ("us-east", false),
            ("US-EAST-1", false),
            ("us_east_1", false),
            ("a-b-cccccccccccccccccccccccccc1", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<Region>().is_ok(), valid, "{text}");
        }
        assert_eq!(Region::US_EAST_1.as_str(), "us-east-1");
    }
}
