//! Rules for tags of parameters.
//!
//! AWS document: AWS Systems Manager API Reference, AddTagsToResource.

use std::collections::HashSet;

use base::Tags;
use pipeline::Failure;
use ssm_api::shapes::{ResourceTypeForTagging, Tag};

use crate::errors;
use crate::limits::TAGS;

/// Refuses what is no parameter.
pub(crate) fn of_parameter(kind: ResourceTypeForTagging) -> Result<(), Failure> {
    match kind {
        ResourceTypeForTagging::Parameter => Ok(()),
        other => Err(errors::not_built(format_args!("ResourceType {other}"))),
    }
}

/// What a caller sends, as policies see it. More than a parameter may have are refused before anything looks at them.
pub(crate) fn requested(given: &[Tag]) -> Result<Tags, Failure> {
    if given.len() > TAGS {
        return Err(errors::too_many_tags());
    }
    let mut keys = HashSet::new();
    let mut tags = Tags::default();
    for tag in given {
        if !keys.insert(tag.key.as_str()) {
            return Err(errors::duplicate_tag_keys());
        }
        tags.set(tag.key.as_str(), tag.value.as_str());
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
        ..=TAGS => Ok(tags),
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
pub(crate) fn told(tags: &Tags) -> Vec<Tag> {
    let told = tags.iter().map(|tag| Tag {
        key: tag.key.clone(),
        value: tag.value.clone(),
    });
    told.collect()
}

fn check_key(key: &str) -> Result<(), Failure> {
    let prefix = key.get(..4);
    match prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
        true => Err(errors::reserved_tag_key()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{ParameterStore, alcazar};

    fn tags(numbers: std::ops::Range<usize>) -> Value {
        let tag = |number| json!({"Key": format!("k{number}"), "Value": "v"});
        numbers.map(tag).collect()
    }

    #[tokio::test]
    async fn a_parameter_has_fifty() {
        let root = alcazar().await.root();
        let put =
            |numbers| json!({"Name": "p", "Value": "v", "Type": "String", "Tags": tags(numbers)});
        let add = |numbers| json!({"ResourceType": "Parameter", "ResourceId": "p", "Tags": tags(numbers)});
        let refused = root.ssm("PutParameter", put(0..51)).await;
        refused.fails("TooManyTagsError");
        root.ssm("PutParameter", put(0..49)).await.ok();
        let refused = root.ssm("AddTagsToResource", add(48..51)).await;
        refused.fails("TooManyTagsError");
        root.ssm("AddTagsToResource", add(48..50)).await.ok();
        let asked = json!({"ResourceType": "Parameter", "ResourceId": "p"});
        let told = root.ssm("ListTagsForResource", asked).await.ok();
        assert_eq!(
            told.json().unwrap()["TagList"].as_array().unwrap().len(),
            50
        );
    }
}
