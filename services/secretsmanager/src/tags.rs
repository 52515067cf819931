//! Rules for tags of secrets.
//!
//! AWS document: AWS Secrets Manager User Guide, "Tag secrets in AWS Secrets Manager"; API Reference, TagResource.

use std::collections::HashSet;

use base::Tags;
use pipeline::Failure;
use secretsmanager_api::shapes::Tag;

use crate::errors;

/// Tags that a secret may have.
const MOST: usize = 50;

/// What a caller sends, as policies see it. More than a secret may have are refused before anything looks at them.
pub(crate) fn requested(given: &[Tag]) -> Result<Tags, Failure> {
    if given.len() > MOST {
        return Err(errors::too_many_tags());
    }
    let mut keys = HashSet::new();
    let mut tags = Tags::default();
    for tag in given {
        let key = tag.key.as_deref().ok_or_else(errors::tag_without_key)?;
        if !keys.insert(key) {
            return Err(errors::duplicate_tag_keys());
        }
        tags.set(key, tag.value.as_deref().unwrap_or_default());
    }
    Ok(tags)
}

/// `old` with `new`.
pub(crate) fn added(old: &Tags, new: &Tags) -> Result<Tags, Failure> {
    let mut tags = old.clone();
    for tag in new.iter() {
        check_key(&tag.key)?;
        tags.set(tag.key.as_str(), tag.value.as_str());
    }
    match tags.len() {
        ..=MOST => Ok(tags),
        _ => Err(errors::too_many_tags()),
    }
}

/// `old` without the tags of these keys.
pub(crate) fn removed(old: &Tags, keys: &[String]) -> Result<Tags, Failure> {
    let mut tags = old.clone();
    for key in keys {
        check_key(key)?;
        tags.remove(key);
    }
    Ok(tags)
}

/// As replies have them.
pub(crate) fn told(tags: &Option<Tags>) -> Option<Vec<Tag>> {
    let tags = tags.as_ref()?.iter();
    let told = tags.map(|tag| Tag {
        key: Some(tag.key.clone()),
        value: Some(tag.value.clone()),
    });
    Some(told.collect())
}

fn check_key(key: &str) -> Result<(), Failure> {
    let prefix = key.get(..4);
    match prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
        true => Err(errors::reserved_tag_key()),
        false => Ok(()),
    }
}
