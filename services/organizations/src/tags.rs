//! Rules for tags of accounts, units, policies and roots.
//!
//! AWS document: AWS Organizations User Guide, "Tagging AWS Organizations resources".

use std::collections::HashSet;

use base::Tags;
use organizations_api::shapes::Tag;
use pipeline::Failure;

use crate::errors;

/// Tags that a resource may have.
pub(crate) const MOST: usize = 50;

/// What a caller sends, as policies see it. More than a resource may have are refused before anything looks at them.
pub(crate) fn requested(given: &[Tag]) -> Result<Tags, Failure> {
    match given.len() {
        ..=MOST => Ok(given
            .iter()
            .map(|tag| (tag.key.as_str(), tag.value.as_str()))
            .collect()),
        _ => Err(errors::too_many_tags()),
    }
}

/// `old` with the tags that a caller sends.
pub(crate) fn added(old: &Tags, given: &[Tag]) -> Result<Tags, Failure> {
    let mut keys = HashSet::new();
    if !given.iter().all(|tag| keys.insert(tag.key.as_str())) {
        return Err(errors::duplicate_tag_key());
    }
    let mut tags = old.clone();
    for tag in given {
        let prefix = tag.key.get(..4);
        if prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
            return Err(errors::reserved_tag_key());
        }
        tags.set(tag.key.as_str(), tag.value.as_str());
    }
    match tags.len() {
        ..=MOST => Ok(tags),
        _ => Err(errors::too_many_tags()),
    }
}

/// Tags of something new.
pub(crate) fn new(given: &Option<Vec<Tag>>) -> Result<Tags, Failure> {
    added(&Tags::default(), given.as_deref().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str) -> Tag {
        Tag {
            key: key.into(),
            value: "v".into(),
        }
    }

    #[test]
    fn rules() {
        let full: Tags = (0..MOST).map(|number| (number.to_string(), "v")).collect();
        let many: Vec<Tag> = (0..=MOST).map(|number| tag(&number.to_string())).collect();
        for (old, given, reason) in [
            (Tags::default(), vec![tag("a"), tag("A")], None),
            (full.clone(), vec![tag("7")], None),
            (full, vec![tag("more")], Some("MAX_TAG_LIMIT_EXCEEDED")),
            (
                Tags::default(),
                many.clone(),
                Some("MAX_TAG_LIMIT_EXCEEDED"),
            ),
            (
                Tags::default(),
                vec![tag("a"), tag("a")],
                Some("DUPLICATE_TAG_KEY"),
            ),
            (
                Tags::default(),
                vec![tag("aWs:x")],
                Some("INVALID_SYSTEM_TAGS_PARAMETER"),
            ),
        ] {
            let found = match added(&old, &given) {
                Ok(_) => None,
                Err(Failure::Fault(fault)) => fault.reason,
                Err(other) => panic!("{other:?}"),
            };
            assert_eq!(found, reason, "{given:?}");
        }
        assert!(requested(&many).is_err());
    }
}
