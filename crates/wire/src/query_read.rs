//! Query bodies: form parameters with dotted names, built into the values of a table.
//!
//! AWS: <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::cmp::Ordering;

use crate::decode::{MOST_DEPTH, MOST_VALUES};
use crate::{Rejection, Schema, Structure, Value, conform};

/// Reads one body, or the query of a GET, into the input structure of `schema`.
pub(crate) fn read<'a>(body: &'a [u8], schema: &'static Schema) -> Result<Value<'a>, Rejection> {
    let Schema::Structure(structure) = schema else {
        return Err(says("Unexpected field type"));
    };
    let mut pairs = Vec::new();
    for pair in pairs_of(body) {
        pairs.push(pair?);
        if pairs.len() > MOST_VALUES as usize {
            return Err(says("Too many parameters"));
        }
    }
    let mut leaves = Vec::with_capacity(pairs.len());
    for (name, value) in &mut pairs {
        if name.bytes().filter(|byte| *byte == b'.').count() > MOST_DEPTH as usize {
            return Err(says("A parameter is nested too deeply"));
        }
        let value = std::mem::take(value);
        leaves.push(Leaf {
            path: Some(name),
            value,
        });
    }
    leaves.sort_by(Leaf::order);
    object(&mut leaves, structure)
}

/// The value of the form parameter `name`, the last one if there are several: for the router, which wants `Action`
/// and `Version`.
pub fn form_value<'a>(body: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    let named = pairs_of(body).flatten().filter(|(key, _)| key == name);
    named.last().map(|(_, value)| value)
}

type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

fn pairs_of(body: &[u8]) -> impl Iterator<Item = Result<Pair<'_>, Rejection>> {
    let pairs = body
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty());
    pairs.map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let mut half = || text(halves.next().unwrap_or_default());
        Ok((half()?, half()?))
    })
}

/// Undoes the encoding of a form; what is not UTF-8 is refused.
fn text(encoded: &[u8]) -> Result<Cow<'_, str>, Rejection> {
    let invalid = || says("A parameter is not valid UTF-8");
    let encoded = std::str::from_utf8(encoded).map_err(|_| invalid())?;
    if !encoded.contains('+') {
        return percent_decode_str(encoded)
            .decode_utf8()
            .map_err(|_| invalid());
    }
    let spaced = encoded.replace('+', " ");
    let decoded = percent_decode_str(&spaced)
        .decode_utf8()
        .map_err(|_| invalid())?;
    Ok(Cow::Owned(decoded.into_owned()))
}

/// A parameter: what is left of its name below the value being built, and its text.
struct Leaf<'a, 'n> {
    path: Option<&'n str>,
    value: Cow<'a, str>,
}

impl<'n> Leaf<'_, 'n> {
    /// The next step of the name; none where the name ends.
    fn head(&self) -> Option<&'n str> {
        let path = self.path?;
        Some(path.split_once('.').map_or(path, |(head, _)| head))
    }

    fn descend(&mut self) {
        let path = self.path.and_then(|path| path.split_once('.'));
        self.path = path.map(|(_, rest)| rest);
    }

    /// Names step by step, so that all below one name lies together.
    fn order(&self, other: &Self) -> Ordering {
        let (one, other) = (
            self.path.unwrap_or_default(),
            other.path.unwrap_or_default(),
        );
        one.split('.').cmp(other.split('.'))
    }
}

/// Every next step of `leaves`, with the leaves below it.
fn steps<'s, 'a, 'n>(
    leaves: &'s mut [Leaf<'a, 'n>],
) -> impl Iterator<Item = (Option<&'n str>, &'s mut [Leaf<'a, 'n>])> {
    leaves
        .chunk_by_mut(|one, next| one.head() == next.head())
        .map(|below| {
            let head = below.first().and_then(Leaf::head);
            below.iter_mut().for_each(Leaf::descend);
            (head, below)
        })
}

/// Refuses a text where a list, map or structure belongs; an empty one stands for an empty value.
fn only_empty(here: &[Leaf<'_, '_>]) -> Result<(), Rejection> {
    match here.iter().all(|leaf| leaf.value.is_empty()) {
        true => Ok(()),
        false => Err(says("Unexpected field type")),
    }
}

fn build<'a>(leaves: &mut [Leaf<'a, '_>], schema: &'static Schema) -> Result<Value<'a>, Rejection> {
    match schema {
        Schema::Structure(structure) => object(leaves, structure),
        Schema::List { .. } => list(leaves, schema),
        Schema::Map { .. } => map(leaves, schema),
        leaf => {
            if leaves.iter().any(|leaf| leaf.path.is_some()) {
                return Err(says("Start of structure or map found where not expected"));
            }
            let last = leaves
                .last_mut()
                .map(|leaf| std::mem::take(&mut leaf.value));
            conform::text(last.unwrap_or_default(), leaf)
        }
    }
}

fn object<'a>(
    leaves: &mut [Leaf<'a, '_>],
    structure: &'static Structure,
) -> Result<Value<'a>, Rejection> {
    let mut members = Vec::new();
    for (name, below) in steps(leaves) {
        let Some(name) = name else {
            only_empty(below)?;
            continue;
        };
        let member = structure
            .members
            .iter()
            .find(|member| member.name_in_query() == name);
        if let Some(member) = member {
            members.push((Cow::Borrowed(member.name), build(below, member.schema)?));
        }
    }
    Ok(Value::Object(members))
}

fn list<'a>(leaves: &mut [Leaf<'a, '_>], schema: &'static Schema) -> Result<Value<'a>, Rejection> {
    let Schema::List {
        member,
        member_name,
        flattened,
        ..
    } = schema
    else {
        return Err(says("Start of list found where not expected"));
    };
    let enclosing = (!flattened).then_some(*member_name);
    let elements = indexed(leaves, enclosing, &mut |below| build(below, member))?;
    Ok(Value::List(elements))
}

fn map<'a>(leaves: &mut [Leaf<'a, '_>], schema: &'static Schema) -> Result<Value<'a>, Rejection> {
    let Schema::Map {
        value,
        names,
        flattened,
        ..
    } = schema
    else {
        return Err(says("Start of structure or map found where not expected"));
    };
    let enclosing = (!flattened).then_some("entry");
    let mut entries = indexed(leaves, enclosing, &mut |below| entry(below, *names, value))?;
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    if entries
        .windows(2)
        .any(|pair| matches!(pair, [(one, _), (other, _)] if one == other))
    {
        return Err(says("A key of a map is there twice"));
    }
    Ok(Value::Object(entries))
}

type Entry<'a> = (Cow<'a, str>, Value<'a>);

fn entry<'a>(
    leaves: &mut [Leaf<'a, '_>],
    names: (&'static str, &'static str),
    schema: &'static Schema,
) -> Result<Entry<'a>, Rejection> {
    let (mut key, mut value) = (None, Value::Null);
    for (name, below) in steps(leaves) {
        if name == Some(names.0) && below.iter().all(|leaf| leaf.path.is_none()) {
            key = below.last_mut().map(|leaf| std::mem::take(&mut leaf.value));
        } else if name == Some(names.1) {
            value = build(below, schema)?;
        } else {
            return Err(says("Unexpected complex element termination"));
        }
    }
    let key = key.ok_or_else(|| says("An entry of a map has no key"))?;
    Ok((key, value))
}

/// What lies below `enclosing.1`, `enclosing.2`, … or, flattened, below `1`, `2`, …: in the order of the numbers,
/// which may leave gaps.
fn indexed<'a, 'n, T>(
    leaves: &mut [Leaf<'a, 'n>],
    enclosing: Option<&'static str>,
    each: &mut dyn FnMut(&mut [Leaf<'a, 'n>]) -> Result<T, Rejection>,
) -> Result<Vec<T>, Rejection> {
    let (mut elements, mut numbered) = (Vec::new(), Vec::new());
    for (head, below) in steps(leaves) {
        match (head, enclosing) {
            (None, _) => only_empty(below)?,
            (Some(name), Some(enclosing)) if name == enclosing => {
                elements = indexed(below, None, each)?;
            }
            (Some(_), Some(_)) => return Err(unexpected()),
            (Some(digits), None) => {
                let index: u32 = digits.parse().map_err(|_| unexpected())?;
                numbered.push((index, each(below)?));
            }
        }
    }
    numbered.sort_by_key(|(index, _)| *index);
    elements.extend(numbered.into_iter().map(|(_, value)| value));
    Ok(elements)
}

fn unexpected() -> Rejection {
    says("Unexpected list element termination")
}

fn says(words: &'static str) -> Rejection {
    Rejection::Serialization(Cow::Borrowed(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_form::Form;
    use crate::test_shapes::{Everything, Tag, any_everything};
    use crate::{Protocol, Shape, decode};
    use proptest::prelude::*;

    fn read(body: &str) -> Result<Everything, Rejection> {
        decode(
            Protocol::Query,
            format!("Action=DoEverything&Version=1&KeyId=x&{body}").as_bytes(),
        )
    }

    fn tag(key: &str, value: Option<&str>) -> Tag {
        Tag {
            key: key.into(),
            value: value.map(Into::into),
        }
    }

    #[test]
    fn names_become_values() {
        let read = |body| read(body).unwrap();
        assert_eq!(
            read("Name=abc&NumberOfBytes=7&Enabled=true").number_of_bytes,
            Some(7)
        );
        let context =
            read("Context.entry.1.key=%61bc&Context.entry.1.value=a+b%20c%C3%A9%2B").context;
        assert_eq!(context.unwrap()["abc"], "a b cé+");
        assert_eq!(
            read("CreationDate=2026-11-23T06%3A38%3A13Z").creation_date,
            read("CreationDate=1795415893").creation_date
        );
        assert_eq!(read("Name=abc&Name=def").name.as_deref(), Some("def"));
        assert_eq!(read("Unknown=1&Unknown.member.1=2&=3&&.=4").name, None);
        assert_eq!(
            read("Flat.2=b&Flat.1=a").flat,
            Some(vec!["a".into(), "b".into()])
        );
        assert_eq!(read("Names.Name.1=abc").names, Some(vec!["abc".into()]));
        assert_eq!(
            read("TagMap.1.Name=k&TagMap.1.Tag.TagKey=t")
                .tag_map
                .unwrap()["k"],
            tag("t", None)
        );
        assert_eq!(
            read("Child.KeyId=y&Child.Child.KeyId=z")
                .child
                .unwrap()
                .child
                .unwrap()
                .key_id,
            "z"
        );
    }

    #[test]
    fn lists_go_by_number_with_gaps() {
        let body = "Tags.member.10.TagKey=c&Tags.member.2.TagKey=b&Tags.member.4294967295.TagKey=d\
                    &Tags.member.2.TagValue=v";
        let tags = vec![tag("b", Some("v")), tag("c", None), tag("d", None)];
        assert_eq!(read(body).unwrap().tags, Some(tags));
        assert_eq!(read("Tags=").unwrap().tags, Some(Vec::new()));
        assert_eq!(read("Tags.member=").unwrap().tags, Some(Vec::new()));
        assert_eq!(read("").unwrap().tags, None);
    }

    #[test]
    fn what_is_refused() {
        let deep = format!("{}KeyId=y", "Child.".repeat(65));
        for (body, expected) in [
            ("Tags=a", "Unexpected field type"),
            ("Tags.1.TagKey=a", "Unexpected list element termination"),
            (
                "Tags.member.x.TagKey=a",
                "Unexpected list element termination",
            ),
            (
                "Tags.member.-1.TagKey=a",
                "Unexpected list element termination",
            ),
            (
                "Tags.member.99999999999.TagKey=a",
                "Unexpected list element termination",
            ),
            ("Context.entry.1.value=a", "An entry of a map has no key"),
            (
                "Context.entry.1.key=abc&Context.entry.1.x=a",
                "Unexpected complex element termination",
            ),
            (
                "Context.entry.1.key=abc&Context.entry.1.value=a&Context.entry.2.key=abc&Context.entry.2.value=b",
                "A key of a map is there twice",
            ),
            (
                "Name.x=abc",
                "Start of structure or map found where not expected",
            ),
            ("Name=%ff", "A parameter is not valid UTF-8"),
            (&deep, "A parameter is nested too deeply"),
        ] {
            assert_eq!(
                read(body),
                Err(Rejection::Serialization(expected.into())),
                "{body}"
            );
        }
        let many = "a&".repeat(100_001);
        assert_eq!(
            read(&many),
            Err(Rejection::Serialization("Too many parameters".into()))
        );
    }

    #[test]
    fn the_router_finds_its_parameters() {
        assert_eq!(
            form_value(b"Action=Get%55ser&Version=2010-05-08", "Action").as_deref(),
            Some("GetUser")
        );
        assert_eq!(
            form_value(b"A=%ff&Action=A&Action=B", "Action").as_deref(),
            Some("B")
        );
        assert_eq!(form_value(b"Action", "Action").as_deref(), Some(""));
        assert_eq!(form_value(b"Actions=x", "Action"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn forms_go_there_and_back(value in any_everything()) {
            let mut form = Form::default();
            value.encode(Everything::SCHEMA, &mut form);
            let read = decode::<Everything>(Protocol::Query, form.body.as_bytes());
            prop_assert_eq!(read, Ok(value), "{}", form.body);
        }
    }
}
