//! The rules for tags. AWS: IAM User Guide, "Tags for IAM resources", section "AWS tag naming conventions".

use base::Tags;
use iam_api::shapes::Tag;
use pipeline::Failure;

use crate::errors;
use crate::paging::{Paged, Paging};

/// Tags that an entity may have.
const MOST: usize = 50;

/// The tags of a request, as they are: for the condition keys of a permission, before any rule is applied.
pub(crate) fn requested(tags: Option<&[Tag]>) -> Tags {
    let tags = tags.unwrap_or_default().iter();
    tags.map(|tag| (&*tag.key, &*tag.value)).collect()
}

/// The form in which keys are compared.
type Compared = fn(&str) -> String;

/// The tags of a new user or role, or of one that gets more: `given` beside or in place of those it has.
/// Keys are compared without case; the case of the last given is kept.
pub(crate) fn with(existing: &Tags, given: &[Tag]) -> Result<Tags, Failure> {
    merged(
        existing,
        given,
        str::to_lowercase,
        errors::duplicate_tag_keys,
    )
}

/// The same for a policy or instance profile. AWS compares the tag keys of all but users and roles with their case.
pub(crate) fn with_exactly(existing: &Tags, given: &[Tag]) -> Result<Tags, Failure> {
    merged(existing, given, str::to_owned, errors::same_tag_keys)
}

fn merged(
    existing: &Tags,
    given: &[Tag],
    compared: Compared,
    duplicate: fn() -> Failure,
) -> Result<Tags, Failure> {
    for (at, tag) in given.iter().enumerate() {
        let before = given.iter().take(at).map(|tag| tag.key.as_str());
        if is_among(&tag.key, before, compared) {
            return Err(duplicate());
        }
        if tag
            .key
            .get(..4)
            .is_some_and(|head| head.eq_ignore_ascii_case("aws:"))
        {
            return Err(errors::reserved_tag_key());
        }
    }
    let kept = left(existing, given.iter().map(|tag| tag.key.as_str()), compared);
    let kept = kept
        .iter()
        .map(|tag| (tag.key.as_str(), tag.value.as_str()));
    let all = kept.chain(
        given
            .iter()
            .map(|tag| (tag.key.as_str(), tag.value.as_str())),
    );
    let all: Tags = all.collect();
    match all.len() > MOST {
        true => Err(errors::too_many_tags()),
        false => Ok(all),
    }
}

/// `tags` of a user or role without those of these keys, compared without case.
pub(crate) fn without<'a>(tags: &Tags, keys: impl Iterator<Item = &'a str> + Clone) -> Tags {
    left(tags, keys, str::to_lowercase)
}

/// `tags` of a policy or instance profile without those of these keys.
pub(crate) fn without_exactly<'a>(
    tags: &Tags,
    keys: impl Iterator<Item = &'a str> + Clone,
) -> Tags {
    left(tags, keys, str::to_owned)
}

fn left<'a>(tags: &Tags, keys: impl Iterator<Item = &'a str> + Clone, compared: Compared) -> Tags {
    let kept = tags
        .iter()
        .filter(|tag| !is_among(&tag.key, keys.clone(), compared));
    kept.map(|tag| (&*tag.key, &*tag.value)).collect()
}

fn is_among<'a>(key: &str, mut keys: impl Iterator<Item = &'a str>, compared: Compared) -> bool {
    let key = compared(key);
    keys.any(|other| compared(other) == key)
}

/// As the API has them; `None` when there are none.
pub(crate) fn shape(tags: &Tags) -> Option<Vec<Tag>> {
    (!tags.is_empty()).then(|| tags.iter().map(tag).collect())
}

fn tag(tag: &base::Tag) -> Tag {
    Tag {
        key: tag.key.clone(),
        value: tag.value.clone(),
    }
}

/// One page of an entity's tags, sorted by key. AWS: "The returned list of tags is sorted by tag key."
pub(crate) fn page(tags: &Tags, paging: &Paging) -> Paged<Tag> {
    let mut sorted: Vec<Tag> = tags.iter().map(tag).collect();
    sorted.sort_by(|one, other| one.key.cmp(&other.key));
    // A key may be longer than a marker; the place of a tag among fifty is not.
    let places = sorted.into_iter().enumerate();
    let paged = paging.list(places, |(place, _)| format!("{place:02}"));
    Paged {
        items: paged.items.into_iter().map(|(_, tag)| tag).collect(),
        marker: paged.marker,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Vec<Tag> {
        let pairs = pairs.iter();
        pairs
            .map(|(key, value)| Tag {
                key: (*key).into(),
                value: (*value).into(),
            })
            .collect()
    }

    fn code(outcome: Result<Tags, Failure>) -> &'static str {
        match outcome {
            Ok(_) => "",
            Err(Failure::Fault(fault)) => fault.facts.code,
            Err(_) => "other",
        }
    }

    #[test]
    fn keys_have_no_case() {
        let one = with(&Tags::default(), &tags(&[("Team", "x"), ("Über", "1")])).unwrap();
        let two = with(&one, &tags(&[("team", "y")])).unwrap();
        assert_eq!(two.len(), 2);
        assert_eq!(two.get("team"), Some("y"));
        assert_eq!(without(&two, ["TEAM", "über"].into_iter()).len(), 0);
    }

    #[test]
    fn keys_of_policies_have_case() {
        let one = with_exactly(&Tags::default(), &tags(&[("a", "x"), ("A", "y")])).unwrap();
        let two = with_exactly(&one, &tags(&[("a", "z")])).unwrap();
        assert_eq!((two.get("a"), two.get("A")), (Some("z"), Some("y")));
        assert_eq!(without_exactly(&two, ["a"].into_iter()).get("A"), Some("y"));
        let twice = with_exactly(&one, &tags(&[("b", ""), ("b", "")]));
        assert_eq!(code(twice), "InvalidInput");
    }

    #[test]
    fn rules() {
        let most: Vec<_> = (0..50).map(|n| (n.to_string(), String::new())).collect();
        let most: Tags = most.into_iter().collect();
        for (existing, given, expected) in [
            (
                Tags::default(),
                tags(&[("a", "1"), ("A", "2")]),
                "InvalidInput",
            ),
            (Tags::default(), tags(&[("aws:x", "1")]), "InvalidInput"),
            (Tags::default(), tags(&[("AWS:x", "1")]), "InvalidInput"),
            (Tags::default(), tags(&[("awsx", "1")]), ""),
            (most.clone(), tags(&[("a", "1")]), "LimitExceeded"),
            (most, tags(&[("7", "1")]), ""),
        ] {
            assert_eq!(code(with(&existing, &given)), expected, "{given:?}");
        }
    }

    #[test]
    fn pages_are_sorted() {
        let tags: Tags = [("b", ""), ("c", ""), ("a", "")].into_iter().collect();
        let first = page(&tags, &Paging::new(&None, Some(2)).unwrap());
        assert_eq!(first.map(|tag| tag.key.clone()), ["a", "b"]);
        let second = page(&tags, &Paging::new(&first.marker, Some(2)).unwrap());
        assert_eq!(second.map(|tag| tag.key.clone()), ["c"]);
    }
}
