//! Where in a body a value lies, in AWS's words: `tags.1.member.tagKey`.

use std::fmt;

/// A place in a body, on the stack: what encloses it, and the last step.
#[derive(Clone, Copy)]
pub(crate) enum Path<'p> {
    /// The body itself.
    Root,
    /// A member of a structure.
    Member(&'p Path<'p>, &'static str),
    /// An element of a list, counted from one.
    Element(&'p Path<'p>, usize),
    /// A value of a map.
    Entry(&'p Path<'p>, &'p str),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Path::Root => Ok(()),
            Path::Member(Path::Root, name) => LowerFirst(name).fmt(f),
            Path::Member(within, name) => write!(f, "{within}.{}", LowerFirst(name)),
            Path::Element(within, index) => write!(f, "{within}.{index}.member"),
            Path::Entry(within, key) => write!(f, "{within}.{key}.member"),
        }
    }
}

/// A name with its first letter in lower case, as AWS writes members in messages and audit records.
pub(crate) struct LowerFirst<'n>(pub(crate) &'n str);

impl fmt::Display for LowerFirst<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = self.0.chars();
        if let Some(first) = letters.next() {
            write!(f, "{}", first.to_ascii_lowercase())?;
        }
        f.write_str(letters.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let root = Path::Root;
        let tags = Path::Member(&root, "Tags");
        let second = Path::Element(&tags, 2);
        let key = Path::Member(&second, "TagKey");
        assert_eq!(key.to_string(), "tags.2.member.tagKey");
        assert_eq!(Path::Entry(&tags, "a").to_string(), "tags.a.member");
        assert_eq!(
            LowerFirst("SAMLMetadataDocument").to_string(),
            "sAMLMetadataDocument"
        );
        assert_eq!(LowerFirst("").to_string(), "");
    }
}
