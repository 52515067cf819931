//! Amazon Resource Names.

use std::fmt;
use std::sync::Arc;

/// An Amazon Resource Name: `arn:partition:service:region:account:resource`.
///
/// Parsed once; its parts are read without allocation. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    text: Arc<str>,
    /// Where the first five colons are.
    colons: [u16; 5],
}

/// Longest ARN, in bytes.
/// Source: AWS API references, as IAM's `arnType` and KMS's `KeyId`, which allow 2,048 characters.
const LONGEST: usize = 8 * 1024;

/// The text is not an ARN: fewer than six colon-separated parts, or it does not begin with `arn:`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an ARN has the form arn:partition:service:region:account:resource")]
pub struct InvalidArn;

impl Arn {
    /// An ARN of partition `aws` from its parts; `region` and `account` may be empty.
    pub fn new(service: &str, region: &str, account: &str, resource: impl fmt::Display) -> Self {
        let text = format!("arn:aws:{service}:{region}:{account}:{resource}");
        let colons = colons(&text).unwrap_or_default();
        Self {
            text: text.into(),
            colons,
        }
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn between(&self, one: u16, other: u16) -> &str {
        let from = usize::from(one) + 1;
        self.text.get(from..usize::from(other)).unwrap_or_default()
    }

    /// The partition, `aws` here.
    pub fn partition(&self) -> &str {
        let [one, two, ..] = self.colons;
        self.between(one, two)
    }
    /// The service namespace, as `kms`.
    pub fn service(&self) -> &str {
        let [_, two, three, ..] = self.colons;
        self.between(two, three)
    }
    /// The region, empty for global resources.
    pub fn region(&self) -> &str {
        let [_, _, three, four, _] = self.colons;
        self.between(three, four)
    }
    /// The account id, empty for resources without one.
    pub fn account(&self) -> &str {
        let [.., four, five] = self.colons;
        self.between(four, five)
    }
    /// All that follows the fifth colon, as `key/1234…` or `user/path/name`.
    pub fn resource(&self) -> &str {
        let [.., five] = self.colons;
        self.text.get(usize::from(five) + 1..).unwrap_or_default()
    }
}

/// Where the first five colons of `text` are, if it has as many.
fn colons(text: &str) -> Option<[u16; 5]> {
    let mut found = text.bytes().enumerate().filter(|(_, byte)| *byte == b':');
    let mut next = || u16::try_from(found.next()?.0).ok();
    Some([next()?, next()?, next()?, next()?, next()?])
}

impl std::str::FromStr for Arn {
    type Err = InvalidArn;
    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        if !text.starts_with("arn:") || text.len() > LONGEST {
            return Err(InvalidArn);
        }
        Ok(Self {
            text: text.into(),
            colons: colons(text).ok_or(InvalidArn)?,
        })
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_arn() {
        let arn: Arn = "arn:aws:iam::123456789012:user/a:b".parse().unwrap();
        assert_eq!(arn.partition(), "aws");
        assert_eq!(arn.service(), "iam");
        assert_eq!(arn.region(), "");
        assert_eq!(arn.account(), "123456789012");
        assert_eq!(arn.resource(), "user/a:b");
    }

    #[test]
    fn not_arns() {
        for text in ["", "arn", "arn:aws:iam::1", "ARN:aws:iam:::x", "key/1"] {
            assert_eq!(text.parse::<Arn>(), Err(InvalidArn), "{text}");
        }
    }
}
