//! How a caller names a parameter: by name or ARN, and with or without a version or label of it.
//!
//! AWS document: AWS Systems Manager API Reference, GetParameter; User Guide, "Working with parameter versions" and
//! "Working with parameter labels".

use base::{AccountId, Region};
use pipeline::Failure;

use crate::errors;
use crate::name::Path;

/// A version of a parameter, as a caller names it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Selector {
    /// `name:3`
    Version(u64),
    /// `name:label`
    Label(String),
}

/// What a text names.
#[derive(Debug, PartialEq)]
pub(crate) struct Reference<'a> {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) path: Path<'a>,
    pub(crate) selector: Option<Selector>,
}

impl<'a> Reference<'a> {
    /// Reads a name or an ARN, with or without a selector.
    pub(crate) fn read(text: &'a str, account: AccountId, region: Region) -> Result<Self, Failure> {
        if text.starts_with("arn:") {
            return Self::in_arn(text, Some(account));
        }
        let (name, selector) = split(text)?;
        Ok(Self {
            account,
            region,
            path: Path::read(name)?,
            selector,
        })
    }

    /// Reads a name where AWS takes nothing else.
    pub(crate) fn of_name(
        text: &'a str,
        account: AccountId,
        region: Region,
    ) -> Result<Self, Failure> {
        Ok(Self {
            account,
            region,
            path: Path::read(text)?,
            selector: None,
        })
    }

    /// Reads an ARN, with or without a selector.
    pub(crate) fn of_arn(text: &'a str) -> Result<Self, Failure> {
        Self::in_arn(text, None)
    }

    /// Reads an ARN; that of a public parameter, which has no account, is taken for `reader`'s.
    fn in_arn(text: &'a str, reader: Option<AccountId>) -> Result<Self, Failure> {
        let mut parts = text.splitn(6, ':').skip(1);
        let mut next = || parts.next().unwrap_or_default();
        let (partition, service, region, account, resource) =
            (next(), next(), next(), next(), next());
        let (resource, selector) = split(resource)?;
        let path = resource.strip_prefix("parameter/").and_then(Path::of_arn);
        match path {
            Some(path) if (partition, service) == ("aws", "ssm") => Ok(Self {
                account: match reader.filter(|_| account.is_empty() && path.is_public()) {
                    Some(reader) => reader,
                    None => account.parse().map_err(|_| errors::no_such_parameter())?,
                },
                region: region.parse().map_err(|_| errors::no_such_parameter())?,
                path,
                selector,
            }),
            _ => Err(errors::invalid_reference()),
        }
    }
}

fn split(text: &str) -> Result<(&str, Option<Selector>), Failure> {
    let Some((name, selector)) = text.split_once(':') else {
        return Ok((text, None));
    };
    if selector.is_empty() || selector.contains(':') {
        return Err(errors::invalid_reference());
    }
    let is_number = selector.bytes().all(|byte| byte.is_ascii_digit());
    let selector = match is_number {
        // No parameter has as many versions.
        true => Selector::Version(selector.parse().unwrap_or(u64::MAX)),
        false => Selector::Label(selector.to_owned()),
    };
    Ok((name, Some(selector)))
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Version(number) => write!(f, ":{number}"),
            Self::Label(label) => write!(f, ":{label}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, Option<Selector>)> {
        let account = AccountId::from_number(1);
        let read = Reference::read(text, account, Region::US_EAST_1).ok()?;
        Some((read.path.as_str().to_owned(), read.selector))
    }

    #[test]
    fn ways_to_name_a_parameter() {
        let label = |label: &str| Some(Selector::Label(label.to_owned()));
        let number = |number| Some(Selector::Version(number));
        for (text, path, selector) in [
            ("/a/b", "a/b", None),
            ("/a/b:3", "a/b", number(3)),
            ("a:x1", "a", label("x1")),
            ("a:99999999999999999999999", "a", number(u64::MAX)),
            (
                "arn:aws:ssm:us-east-1:111122223333:parameter/a/b",
                "a/b",
                None,
            ),
            (
                "arn:aws:ssm:us-east-1:111122223333:parameter/a:x",
                "a",
                label("x"),
            ),
        ] {
            assert_eq!(read(text), Some((path.to_owned(), selector)), "{text}");
        }
        for text in [
            "",
            "a:",
            "a:1:2",
            ":1",
            "arn:",
            "arn:aws:ssm:us-east-1:111122223333:parameter",
            "arn:aws:ssm:us-east-1:111122223333:parameter/",
            "arn:aws:ssm:us-east-1:111122223333:parameter//a",
            "arn:aws:ssm:us-east-1:111122223333:document/a",
            "arn:aws:kms:us-east-1:111122223333:parameter/a",
            "arn:aws-cn:ssm:us-east-1:111122223333:parameter/a",
            "arn:aws:ssm:us-east-1:1:parameter/a",
            "arn:aws:ssm:nowhere:111122223333:parameter/a",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
