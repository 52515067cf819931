//! Amazon Resource Names.

use std::fmt;
use std::sync::Arc;

/// An Amazon Resource Name: `arn:partition:service:region:account:resource`.
///
/// Parsed once; its parts are read without allocation. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn(Arc<str>);

/// The text is not an ARN: fewer than six colon-separated parts, or it does not begin with `arn:`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an ARN has the form arn:partition:service:region:account:resource")]
pub struct InvalidArn;

impl Arn {
    /// An ARN of partition `aws` from its parts; `region` and `account` may be empty.
    pub fn new(service: &str, region: &str, account: &str, resource: impl fmt::Display) -> Self {
        Self(format!("arn:aws:{service}:{region}:{account}:{resource}").into())
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn part(&self, index: usize) -> &str {
        self.0.splitn(6, ':').nth(index).unwrap_or_default()
    }

    /// The partition, `aws` here.
    pub fn partition(&self) -> &str {
        self.part(1)
    }
    /// The service namespace, as `kms`.
    pub fn service(&self) -> &str {
        self.part(2)
    }
    /// The region, empty for global resources.
    pub fn region(&self) -> &str {
        self.part(3)
    }
    /// The account id, empty for resources without one.
    pub fn account(&self) -> &str {
        self.part(4)
    }
    /// All that follows the fifth colon, as `key/1234…` or `user/path/name`.
    pub fn resource(&self) -> &str {
        self.part(5)
    }
}

impl std::str::FromStr for Arn {
    type Err = InvalidArn;
    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        if text.starts_with("arn:") && text.splitn(6, ':').count() == 6 {
            Ok(Self(text.into()))
        } else {
            Err(InvalidArn)
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
