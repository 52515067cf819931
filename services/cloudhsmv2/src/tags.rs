//! Tags of clusters and backups.
//!
//! AWS document: AWS CloudHSM User Guide, "Tagging AWS CloudHSM resources".

use std::collections::HashSet;

use base::Tags;
use cloudhsmv2_api::shapes::Tag;
use pipeline::Failure;

use crate::errors;

/// Tags that a resource may have.
const MOST: usize = 50;

/// What a caller sends, as policies see it.
pub(crate) fn requested(given: &Option<Vec<Tag>>) -> Tags {
    let given = given.iter().flatten();
    given
        .map(|tag| (tag.key.as_str(), tag.value.as_str()))
        .collect()
}

/// `old` with the tags that a caller sends.
pub(crate) fn added(old: &Tags, given: &[Tag]) -> Result<Tags, Failure> {
    let mut keys = HashSet::new();
    let mut tags = old.clone();
    for tag in given {
        if !keys.insert(tag.key.as_str()) {
            return Err(errors::duplicate_tag_key());
        }
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

/// As the API has them.
pub(crate) fn shown(tags: &Tags) -> Vec<Tag> {
    let tags = tags.iter();
    tags.map(|tag| Tag {
        key: tag.key.clone(),
        value: tag.value.clone(),
    })
    .collect()
}
