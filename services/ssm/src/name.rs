//! Rules for names of parameters.
//!
//! AWS document: AWS Systems Manager User Guide, "Understanding parameter name requirements and constraints".

use pipeline::Failure;

use crate::errors;
use crate::limits::LEVELS;

/// What stands before the name of a secret of Secrets Manager. No parameter can have such a name.
const SECRETS: &str = "aws/reference/secretsmanager/";

/// What stands before the name of a public parameter. No other parameter can have such a name.
const PUBLIC: &str = "aws/service/";

/// A name without its leading slash, of parts that are divided by single slashes: what two ways of writing one name
/// have in common, and what stands in its ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Path<'a>(&'a str);

impl<'a> Path<'a> {
    /// Reads the name of a parameter that may exist.
    pub(crate) fn read(name: &'a str) -> Result<Self, Failure> {
        let path = name.strip_prefix('/');
        if path.is_none() && name.contains('/') {
            return Err(errors::not_fully_qualified());
        }
        Self::of_arn(path.unwrap_or(name)).ok_or_else(errors::invalid_name)
    }

    /// Reads what follows `parameter/` in an ARN.
    pub(crate) fn of_arn(path: &'a str) -> Option<Self> {
        // Names of secrets may have more in them than those of parameters.
        let more: &[u8] = if path.starts_with(SECRETS) {
            b"+=@!"
        } else {
            b""
        };
        let good = path.split('/').all(|part| is_part(part, more));
        good.then_some(Self(path))
    }

    /// The name of the secret of Secrets Manager that it stands for, if it does.
    pub(crate) fn secret(self) -> Option<&'a str> {
        self.0.strip_prefix(SECRETS)
    }

    /// What all public parameters lie below.
    pub(crate) const PUBLIC: Path<'static> = Path("aws/service");

    /// Whether it is the name of a public parameter, be there one or not.
    pub(crate) fn is_public(self) -> bool {
        self.0.starts_with(PUBLIC)
    }

    /// Whether what lies below it is public.
    pub(crate) fn leads_to_public(self) -> bool {
        self == Self::PUBLIC || self.is_public()
    }

    /// Reads the path that parameters lie below; none is that of all.
    pub(crate) fn above(path: &'a str) -> Result<Option<Self>, Failure> {
        let path = path.strip_prefix('/').ok_or_else(errors::invalid_path)?;
        if path.is_empty() {
            return Ok(None);
        }
        let path = Self::of_arn(path.strip_suffix('/').unwrap_or(path));
        path.map(Some).ok_or_else(errors::invalid_path)
    }

    pub(crate) fn as_str(self) -> &'a str {
        self.0
    }

    pub(crate) fn parts(self) -> impl Iterator<Item = &'a str> {
        self.0.split('/')
    }

    /// Refuses a name that no new parameter may have.
    pub(crate) fn may_be_made(self, name: &str) -> Result<(), Failure> {
        let is_hierarchy = self.0.contains('/');
        let begins = |prefix: &str| {
            let head = self.0.get(..prefix.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(prefix))
        };
        match (begins("aws"), begins("ssm")) {
            (true, _) if is_hierarchy => Err(errors::reserved_name(name)),
            (_, true) if is_hierarchy => Err(errors::invalid_name()),
            (true, _) | (_, true) => Err(errors::reserved_prefix()),
            _ if self.parts().count() > LEVELS => Err(errors::too_many_levels()),
            _ => Ok(()),
        }
    }
}

fn is_part(part: &str, more: &[u8]) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    let allowed = |byte: u8| plain(byte) || more.contains(&byte);
    !part.is_empty() && part.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, path) in [
            ("a", Some("a")),
            ("/a", Some("a")),
            ("/a/b.c-d_E", Some("a/b.c-d_E")),
            ("", None),
            ("/", None),
            ("//a", None),
            ("/a//b", None),
            ("/a/", None),
            ("a/b", None),
            ("a/", None),
            ("/a b", None),
            ("/ä", None),
            ("/a\0", None),
            ("/a:1", None),
            ("/a+b", None),
            ("/aws/reference/secretsmanager/", None),
            (
                "/aws/reference/secretsmanager/a+b/c",
                Some("aws/reference/secretsmanager/a+b/c"),
            ),
        ] {
            assert_eq!(Path::read(name).ok().map(Path::as_str), path, "{name}");
        }
    }

    #[test]
    fn names_of_new_parameters() {
        for (name, good) in [
            ("a", true),
            ("/a/aws/ssm", true),
            ("awsx", false),
            ("/AWS/x", false),
            ("SsM-x", false),
            ("/ssm/x", false),
            ("/ssmx", false),
            ("/xaws", true),
            ("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15", true),
            ("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", false),
        ] {
            let made = Path::read(name).unwrap().may_be_made(name);
            assert_eq!(made.is_ok(), good, "{name}");
        }
    }

    #[test]
    fn paths() {
        let above = |path| Path::above(path).ok().map(|path| path.map(Path::as_str));
        for (path, read) in [
            ("/", Some(None)),
            ("/a", Some(Some("a"))),
            ("/a/b/", Some(Some("a/b"))),
            ("a", None),
            ("", None),
            ("//", None),
            ("/a//b", None),
            ("/a*", None),
        ] {
            assert_eq!(above(path), read, "{path}");
        }
    }
}
