//! Policies that a simulation leaves out: `PolicyExclusionList`.
//!
//! AWS document: IAM API Reference, "PolicyIdentifier".

use iam_api::shapes::{
    AttachmentType, InlinePolicyIdentifierType, PolicyIdentifier, PolicyIdentifierPolicyType,
};
use pipeline::Failure;

use super::entity::Kind;
use super::refusals;
use super::source::{Origin, Source, Sources};

/// What AWS's own policies have for an account.
const AWS: &str = "arn:aws:iam::aws:policy/";

enum Excluded<'a> {
    Type(PolicyIdentifierPolicyType),
    Arn(Wildcard<'a>),
    Inline {
        kind: Kind,
        name: &'a str,
        entity: Wildcard<'a>,
    },
}

/// Takes the identified policies away. One that is not there is none.
pub(crate) fn exclude(
    sources: &mut Sources,
    identifiers: &[PolicyIdentifier],
) -> Result<(), Failure> {
    for identifier in identifiers {
        let excluded = Excluded::parse(identifier).ok_or_else(refusals::invalid_exclusion)?;
        sources.identity.retain(|source| !excluded.includes(source));
        match excluded {
            Excluded::Type(PolicyIdentifierPolicyType::PermissionBoundary) => {
                sources.boundary = None
            }
            Excluded::Type(PolicyIdentifierPolicyType::Scp) => {
                sources.organization = sources.organization.take().map(|_| Vec::new());
            }
            _ => {}
        }
    }
    Ok(())
}

impl<'a> Excluded<'a> {
    fn parse(identifier: &'a PolicyIdentifier) -> Option<Self> {
        let PolicyIdentifier {
            policy_type,
            policy_arn,
            inline_policy_identifier,
        } = identifier;
        match (policy_type, policy_arn, inline_policy_identifier) {
            (Some(policy_type), None, None) => Some(Self::Type(*policy_type)),
            (None, Some(arn), None) => arn_pattern(arn).map(Self::Arn),
            (None, None, Some(inline)) => Self::inline(inline),
            _ => None,
        }
    }

    fn inline(identifier: &'a InlinePolicyIdentifierType) -> Option<Self> {
        Some(Self::Inline {
            kind: match identifier.attachment_type {
                AttachmentType::User => Kind::User,
                AttachmentType::Group => Kind::Group,
                AttachmentType::Role => Kind::Role,
            },
            name: &identifier.policy_name,
            entity: Wildcard::parse(&identifier.attachment_name)?,
        })
    }

    fn includes(&self, source: &Source) -> bool {
        use PolicyIdentifierPolicyType::{AwsManaged, Inline, UserManaged};
        match (self, &source.origin) {
            (_, Origin::Given) => false,
            (Self::Type(Inline), Origin::Inline { .. }) => true,
            (Self::Type(AwsManaged), Origin::Managed(arn)) => arn.starts_with(AWS),
            (Self::Type(UserManaged), Origin::Managed(arn)) => !arn.starts_with(AWS),
            (Self::Arn(pattern), Origin::Managed(arn)) => pattern.matches(arn),
            (
                Self::Inline { kind, name, entity },
                Origin::Inline {
                    kind: of,
                    entity: at,
                    name: called,
                },
            ) => kind == of && name == called && entity.matches(at),
            _ => false,
        }
    }
}

/// AWS: wildcards stand only in the name of a policy's ARN.
fn arn_pattern(text: &str) -> Option<Wildcard<'_>> {
    let arn: base::Arn = text.parse().ok()?;
    let owner = arn.account();
    let owned = owner == "aws" || owner.parse::<base::AccountId>().is_ok();
    let is_iam = arn.partition() == "aws" && arn.service() == "iam" && arn.region().is_empty();
    let (path, name) = arn.resource().rsplit_once('/')?;
    let is_policy = path == "policy" || path.starts_with("policy/");
    let plain = !path.contains(['*', '?']) && !name.is_empty();
    let valid = owned && is_iam && is_policy && plain;
    if valid { Wildcard::parse(text) } else { None }
}

/// A text with at most one `*`, which stands for any characters, and with `?` for one each.
struct Wildcard<'a> {
    before: &'a str,
    after: Option<&'a str>,
}

impl<'a> Wildcard<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        match text.split_once('*') {
            None => Some(Self {
                before: text,
                after: None,
            }),
            Some((_, after)) if after.contains('*') => None,
            Some((before, after)) => Some(Self {
                before,
                after: Some(after),
            }),
        }
    }

    fn matches(&self, text: &str) -> bool {
        let Some(after) = self.after else {
            return self.before.chars().count() == text.chars().count()
                && begins(self.before.chars(), text.chars());
        };
        let fixed = self.before.chars().count() + after.chars().count();
        text.chars().count() >= fixed
            && begins(self.before.chars(), text.chars())
            && begins(after.chars().rev(), text.chars().rev())
    }
}

fn begins(pattern: impl Iterator<Item = char>, text: impl Iterator<Item = char>) -> bool {
    pattern
        .zip(text)
        .all(|(wanted, found)| wanted == '?' || wanted == found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("a?c", "axc", true),
            ("a*c", "ac", true),
            ("a*c", "abbc", true),
            ("ab*bc", "abc", false),
            ("*", "", true),
            ("*?", "", false),
            ("a*", "ba", false),
        ] {
            let found = Wildcard::parse(pattern).unwrap().matches(text);
            assert_eq!(found, expected, "{pattern} {text}");
        }
        assert!(Wildcard::parse("a*b*").is_none());
    }

    #[test]
    fn arns_of_policies() {
        for (arn, valid) in [
            ("arn:aws:iam::aws:policy/ReadOnlyAccess", true),
            ("arn:aws:iam::111122223333:policy/a/b*", true),
            ("arn:aws:iam::111122223333:policy/?", true),
            ("arn:aws:iam::111122223333:policy/a*b*", false),
            ("arn:aws:iam::111122223333:policy/*/a", false),
            ("arn:aws:iam::*:policy/a", false),
            ("arn:aws:iam::111122223333:user/a", false),
            ("ReadOnlyAccess", false),
        ] {
            assert_eq!(arn_pattern(arn).is_some(), valid, "{arn}");
        }
    }
}
