//! Rules for tags of keys.
//!
//! AWS document: AWS KMS Developer Guide, "Tags in AWS KMS"; API reference, TagResource.

use std::collections::HashSet;

use base::Tags;
use kms_api::shapes::Tag;
use pipeline::Failure;

use crate::errors;

/// Tags that a key may have.
pub(crate) const MOST: usize = 50;

/// What a caller sends, as policies see it. More than a key may have are refused before anything looks at them.
pub(crate) fn requested(given: &[Tag]) -> Result<Tags, Failure> {
    if given.len() > MOST {
        return Err(errors::too_many_tags());
    }
    let pairs = given.iter();
    let pairs = pairs.map(|tag| (tag.tag_key.as_str(), tag.tag_value.as_str()));
    Ok(pairs.collect())
}

/// `old` with the tags that a caller sends.
pub(crate) fn added(old: &Tags, given: &[Tag]) -> Result<Tags, Failure> {
    let mut keys = HashSet::new();
    if !given.iter().all(|tag| keys.insert(tag.tag_key.as_str())) {
        return Err(errors::duplicate_tag_keys());
    }
    let mut tags = old.clone();
    for tag in given {
        check_key(&tag.tag_key)?;
        tags.set(tag.tag_key.as_str(), tag.tag_value.as_str());
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

fn check_key(key: &str) -> Result<(), Failure> {
    let prefix = key.get(..4);
    match prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
        true => Err(errors::reserved_tag_key()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str) -> Tag {
        Tag {
            tag_key: key.into(),
            tag_value: "v".into(),
        }
    }

    #[test]
    fn rules() {
        let full: Tags = (0..MOST).map(|number| (number.to_string(), "v")).collect();
        let many: Vec<Tag> = (0..=MOST).map(|number| tag(&number.to_string())).collect();
        for (old, given, message) in [
            (Tags::default(), vec![tag("a"), tag("A")], ""),
            (full.clone(), vec![tag("7")], ""),
            (full, vec![tag("more")], "Too many tags"),
            (Tags::default(), many.clone(), "Too many tags"),
            (
                Tags::default(),
                vec![tag("a"), tag("a")],
                "Duplicate tag keys",
            ),
            (
                Tags::default(),
                vec![tag("aWs:x")],
                "Tags beginning with aws: are reserved",
            ),
            (Tags::default(), vec![tag("é"), tag("aws")], ""),
        ] {
            let found = match added(&old, &given) {
                Ok(_) => String::new(),
                Err(Failure::Fault(fault)) => fault.message.into_owned(),
                Err(other) => panic!("{other:?}"),
            };
            assert_eq!(found, message, "{given:?}");
        }
        assert!(requested(&many).is_err());
        assert_eq!(requested(&many[1..]).unwrap().len(), MOST);
    }

    #[test]
    fn what_is_not_there_can_be_removed() {
        let old: Tags = [("a", "1"), ("b", "2")].into_iter().collect();
        let left = removed(&old, &["a".into(), "c".into()]).unwrap();
        assert_eq!(left, [("b", "2")].into_iter().collect());
        assert!(removed(&old, &["aws:x".into()]).is_err());
    }
}
