//! ARN patterns: six parts, each matched by itself.

use crate::context::Context;
use crate::malformed::Malformed;
use crate::pattern::{Pattern, Syntax};

const PARTS: usize = 6;

/// The six parts of an ARN.
pub(crate) type ArnParts<'a> = [&'a str; PARTS];

/// Splits an ARN; `None` where the text is none.
pub(crate) fn arn_parts(text: &str) -> Option<ArnParts<'_>> {
    let mut parts = [""; PARTS];
    let (resource, before) = parts.split_last_mut()?;
    let mut found = base::pieces(text, b':');
    for part in before {
        *part = found.next()?;
    }
    *resource = found.rest()?;
    text.starts_with("arn:").then_some(parts)
}

/// What a pattern of fewer than six parts stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Short {
    /// The missing parts are `*`.
    Padded,
    /// Nothing.
    Nothing,
}

/// A pattern of six parts; wildcards do not reach across them.
/// Source: IAM User Guide, "IAM JSON policy elements: Resource", "Condition operators".
#[derive(Debug)]
pub(crate) struct ArnPattern(Box<[Pattern]>);

impl ArnPattern {
    /// Splits and parses a pattern.
    pub(crate) fn parse(text: &str, syntax: Syntax, short: Short) -> Result<Self, Malformed> {
        let mut parts = split(text, syntax.variables);
        if short == Short::Padded {
            parts.resize(PARTS, "*");
        }
        let patterns: Result<_, _> = parts
            .into_iter()
            .map(|part| Pattern::parse(part, syntax))
            .collect();
        Ok(Self(patterns?))
    }

    /// Whether each part fits.
    pub(crate) fn matches(&self, arn: &ArnParts<'_>, context: &dyn Context) -> bool {
        self.0.len() == PARTS
            && self
                .0
                .iter()
                .zip(arn)
                .rev()
                .all(|(pattern, part)| pattern.matches(part, context))
    }
}

/// Splits at the first five colons that are not inside of a variable.
fn split(text: &str, variables: bool) -> Vec<&str> {
    let mut parts = Vec::with_capacity(PARTS);
    let (mut begin, mut at) = (0, 0);
    let tail = |from: usize| text.get(from..).unwrap_or_default();
    while parts.len() + 1 < PARTS {
        let Some(found) = tail(at).find([':', '$']) else {
            break;
        };
        at += found;
        if tail(at).starts_with(':') {
            parts.push(text.get(begin..at).unwrap_or_default());
            at += 1;
            begin = at;
        } else if variables && tail(at).starts_with("${") {
            match tail(at).find('}') {
                Some(length) => at += length + 1,
                None => break,
            }
        } else {
            at += 1;
        }
    }
    parts.push(tail(begin));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{ConditionKey, Value};
    use crate::pattern::Case;

    struct Alice;
    impl Context for Alice {
        fn values(&self, key: &ConditionKey, each: &mut dyn FnMut(Value<'_>)) -> bool {
            let known = key.name() == "aws:username";
            if known {
                each(Value::Text("a:b"));
            }
            known
        }
    }

    #[test]
    fn parts_match_one_by_one() {
        let syntax = Syntax {
            wildcards: true,
            variables: true,
            case: Case::Matters,
        };
        for (pattern, arn, expected) in [
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y", true),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::B/x", false),
            ("arn:aws:*:*:*:*", "arn:aws:s3:::b:c", true),
            ("arn:aws:s:*:1:f/*", "arn:aws:s:r:9:x:1:f/d", false),
            ("arn:aws:s:*:9:x*", "arn:aws:s:r:9:x:1:f/d", true),
            (
                "arn:aws:iam::1:user/${aws:username}",
                "arn:aws:iam::1:user/a:b",
                true,
            ),
            (
                "arn:aws:iam::${aws:none, '1'}:user/x",
                "arn:aws:iam::1:user/x",
                true,
            ),
            ("arn:aws:kms*", "arn:aws:kms:r:1:key/1", true),
            ("arn:aws:kms:*:key/1", "arn:aws:kms:r:1:key/1", false),
            ("arn:aws:s3:::${", "arn:aws:s3:::${", true),
            ("arn:aws:s3:::$a", "arn:aws:s3:::$a", true),
        ] {
            let parsed = ArnPattern::parse(pattern, syntax, Short::Padded).unwrap();
            let parts = arn_parts(arn).unwrap();
            assert_eq!(
                parsed.matches(&parts, &Alice),
                expected,
                "{pattern} on {arn}"
            );
        }
    }

    #[test]
    fn a_short_pattern_can_stand_for_nothing() {
        let syntax = Syntax {
            wildcards: true,
            variables: true,
            case: Case::Matters,
        };
        let parsed = ArnPattern::parse("*", syntax, Short::Nothing).unwrap();
        assert!(!parsed.matches(&arn_parts("arn:aws:s3:::b").unwrap(), &Alice));
        assert_eq!(arn_parts("arn:aws:s3"), None);
        assert_eq!(arn_parts("urn:aws:s3:::b"), None);
    }
}
