//! Tags of a session: those given with the call, and those that the calling session hands down.
//!
//! AWS document: IAM User Guide, "Pass session tags in AWS STS".

use base::Tags;
use identity::Session;
use pipeline::Failure;
use sts_api::shapes::Tag;

use crate::errors;

/// The tags of a session that is about to begin.
#[derive(Debug, Default)]
pub(crate) struct SessionTags {
    /// Given with the call: `aws:RequestTag`.
    pub(crate) given: Tags,
    /// Keys of those given that pass on to the next role: `sts:TransitiveTagKeys`.
    pub(crate) transitive: Vec<String>,
    inherited: Tags,
}

impl SessionTags {
    /// Checks the tags of a call. Keys are the same whatever their case.
    pub(crate) fn given(tags: Option<&[Tag]>) -> Result<Self, Failure> {
        let mut given = Tags::default();
        for tag in tags.unwrap_or_default() {
            if tag
                .key
                .get(..4)
                .is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
            {
                return Err(errors::reserved_tag());
            }
            if find(&given, &tag.key).is_some() {
                return Err(errors::duplicate_tags());
            }
            given.set(&tag.key, &tag.value);
        }
        Ok(Self {
            given,
            ..Self::default()
        })
    }

    /// Adds what the calling session hands down, which the call cannot set anew.
    pub(crate) fn inheriting(mut self, session: Option<&Session>) -> Result<Self, Failure> {
        let handed_down = session.map(|session| session.transitive_tag_keys.as_slice());
        for key in handed_down.unwrap_or_default() {
            let value = session.and_then(|session| session.tags.get(key));
            self.inherited.set(key, value.unwrap_or_default());
        }
        let mut given = self.given.iter();
        match given.any(|tag| find(&self.inherited, &tag.key).is_some()) {
            true => Err(errors::inherited_tag()),
            false => Ok(self),
        }
    }

    /// Marks tags that pass on to the next role; each must be one of those given.
    pub(crate) fn handing_down(mut self, keys: Option<&[String]>) -> Result<Self, Failure> {
        for key in keys.unwrap_or_default() {
            let key = find(&self.given, key).ok_or_else(errors::transitive_without_tag)?;
            if !self.transitive.contains(&key) {
                self.transitive.push(key);
            }
        }
        Ok(self)
    }

    /// Whether there are none: then nobody needs `sts:TagSession`.
    pub(crate) fn is_empty(&self) -> bool {
        self.given.is_empty() && self.inherited.is_empty()
    }

    /// Every tag of the session.
    pub(crate) fn all(&self) -> Tags {
        let both = self.inherited.iter().chain(self.given.iter());
        both.map(|tag| (tag.key.as_str(), tag.value.as_str()))
            .collect()
    }

    /// Keys of every tag that the session hands down in its turn.
    pub(crate) fn all_transitive(&self) -> Vec<String> {
        let inherited = self.inherited.iter().map(|tag| tag.key.clone());
        inherited.chain(self.transitive.iter().cloned()).collect()
    }
}

/// Tags that a session may have, and the longest key and value, in characters. AWS: IAM User Guide, "Pass session tags in
/// AWS STS".
pub(crate) const MOST_TAGS: usize = 50;
const LONGEST_TAG: (usize, usize) = (128, 256);

/// A tag that an identity provider gives, if it is one.
pub(crate) fn tag(key: &str, value: &str) -> Option<Tag> {
    let sign = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    let fits = |text: &str, most: usize| text.chars().count() <= most && text.chars().all(sign);
    let valid = !key.is_empty() && fits(key, LONGEST_TAG.0) && fits(value, LONGEST_TAG.1);
    valid.then(|| Tag {
        key: key.to_owned(),
        value: value.to_owned(),
    })
}

/// The key in `tags` that is the same as `key`, as written there.
fn find(tags: &Tags, key: &str) -> Option<String> {
    let lower = key.to_lowercase();
    let mut tags = tags.iter();
    let same = tags.find(|tag| tag.key.to_lowercase() == lower);
    same.map(|tag| tag.key.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Result<SessionTags, Failure> {
        let tags = pairs.iter().map(|(key, value)| Tag {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
        });
        SessionTags::given(Some(&tags.collect::<Vec<_>>()))
    }

    #[test]
    fn keys_differ_in_more_than_case() {
        for (pairs, valid) in [
            (&[("Team", "a"), ("Teams", "b")][..], true),
            (&[("Team", "a"), ("TEAM", "a")], false),
            (&[("straße", "a"), ("STRASSE", "b")], true),
            (&[("É", "a"), ("é", "b")], false),
            (&[("aws:team", "a")], false),
            (&[("AWS:team", "a")], false),
            (&[("aws", "a"), ("a€", "b")], true),
        ] {
            assert_eq!(tags(pairs).is_ok(), valid, "{pairs:?}");
        }
    }

    #[test]
    fn only_what_is_given_is_handed_down() {
        let team = || tags(&[("Team", "a"), ("Cost", "b")]).unwrap();
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        let marked = team().handing_down(Some(&keys(&["tEAM", "Team"]))).unwrap();
        assert_eq!(marked.all_transitive(), ["Team"]);
        assert!(team().handing_down(Some(&keys(&["Other"]))).is_err());
    }
}
