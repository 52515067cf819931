//! Values held against every constraint of their table.

use std::borrow::Cow;

use crate::constraint::{Bracketed, Constraint, of};
use crate::path::Path;
use crate::violation::{At, Violations};
use crate::{Rejection, Schema, Structure, Value};

/// Checks `value`, already of the types of `schema`, against every constraint.
pub(crate) fn check(value: &Value<'_>, schema: &'static Schema) -> Result<(), Rejection> {
    let mut found = Violations::default();
    let body = At {
        path: &Path::Root,
        secret: false,
    };
    value_at(value, schema, body, &mut found);
    found.into_result()
}

fn value_at(value: &Value<'_>, schema: &'static Schema, at: At<'_>, found: &mut Violations) {
    for constraint in of(schema).into_iter().flatten() {
        if !constraint.holds(value) {
            found.add(value, schema, at, &constraint);
        }
    }
    match (schema, value) {
        (Schema::Structure(of), Value::Object(members)) => structure(members, of, at, found),
        (Schema::List { .. }, Value::List(elements)) => list(value, elements, schema, at, found),
        (Schema::Map { .. }, Value::Object(entries)) => map(value, entries, schema, at, found),
        _ => {}
    }
}

fn structure(
    members: &[(Cow<'_, str>, Value<'_>)],
    of: &'static Structure,
    at: At<'_>,
    found: &mut Violations,
) {
    for member in of.members {
        let at = At {
            path: &Path::Member(at.path, member.name),
            secret: at.secret || member.sensitive,
        };
        let sent = members.iter().rev().find(|(name, _)| name == member.name);
        match sent.map(|(_, value)| value) {
            None | Some(Value::Null) if member.required => {
                found.add(&Value::Null, member.schema, at, &Constraint::Present);
            }
            None | Some(Value::Null) => {}
            Some(value) => value_at(value, member.schema, at, found),
        }
    }
}

fn is_leaf(schema: &Schema) -> bool {
    !matches!(
        schema,
        Schema::Structure(_) | Schema::List { .. } | Schema::Map { .. }
    )
}

/// Elements that are leaves are reported with their list, others where they lie.
fn list(
    list: &Value<'_>,
    elements: &[Value<'_>],
    schema: &'static Schema,
    at: At<'_>,
    found: &mut Violations,
) {
    let Schema::List { member, .. } = schema else {
        return;
    };
    if is_leaf(member) {
        if let Some(broken) = broken("Member must satisfy constraint", member, elements.iter()) {
            found.add(list, schema, at, &broken);
        }
        return;
    }
    for (index, element) in elements.iter().enumerate() {
        let path = &Path::Element(at.path, index + 1);
        inner(element, member, At { path, ..at }, found);
    }
}

/// Keys, and values that are leaves, are reported with their map, other values where they lie.
fn map(
    map: &Value<'_>,
    entries: &[(Cow<'_, str>, Value<'_>)],
    schema: &'static Schema,
    at: At<'_>,
    found: &mut Violations,
) {
    let Schema::Map {
        key: of_key,
        value: of_value,
        ..
    } = schema
    else {
        return;
    };
    let keys = entries
        .iter()
        .map(|(key, _)| Value::Text(Cow::Borrowed(key)));
    if let Some(broken) = broken("Map keys must satisfy constraint", of_key, keys) {
        found.add(map, schema, at, &broken);
    }
    let values = entries.iter().map(|(_, value)| value);
    if is_leaf(of_value) {
        if let Some(broken) = broken("Map value must satisfy constraint", of_value, values) {
            found.add(map, schema, at, &broken);
        }
        return;
    }
    for (key, value) in entries {
        let key = if at.secret { "***" } else { key };
        let path = &Path::Entry(at.path, key);
        inner(value, of_value, At { path, ..at }, found);
    }
}

/// The demands on `leaves`, if one of them breaks one.
fn broken<'v>(
    words: &'static str,
    schema: &'static Schema,
    mut leaves: impl Iterator<Item = impl std::borrow::Borrow<Value<'v>>>,
) -> Option<Bracketed> {
    let demands = of(schema);
    let breaks = |leaf: &Value<'v>| {
        let mut all = demands.into_iter().flatten();
        *leaf == Value::Null || !all.all(|constraint| constraint.holds(leaf))
    };
    let first = leaves.find(|leaf| breaks(leaf.borrow()))?;
    let null = *first.borrow() == Value::Null;
    Some(Bracketed {
        words,
        demands,
        null,
    })
}

fn inner(value: &Value<'_>, schema: &'static Schema, at: At<'_>, found: &mut Violations) {
    if matches!(value, Value::Null) {
        found.add(value, schema, at, &Constraint::Present);
    } else {
        value_at(value, schema, at, found);
    }
}

#[cfg(test)]
mod tests {
    use crate::test_shapes::Everything;
    use crate::{Protocol, Rejection, decode};
    use expect_test::{Expect, expect};

    fn check(members: &str, expected: Expect) {
        let body = format!("{{{members}}}");
        let message = match decode::<Everything>(Protocol::Json11, body.as_bytes()) {
            Ok(_) => String::from("accepted"),
            Err(Rejection::Validation(message)) => message,
            Err(other) => panic!("{other:?}"),
        };
        expected.assert_eq(&message);
    }

    #[test]
    fn leaves() {
        check(
            "",
            expect![[
                r#"1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null"#
            ]],
        );
        check(
            r#""KeyId":"""#,
            expect![[
                r#"1 validation error detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1"#
            ]],
        );
        check(
            r#""KeyId":"x","Name":"A""#,
            expect![[
                r#"2 validation errors detected: Value 'A' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+; Value 'A' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 3"#
            ]],
        );
        check(
            r#""KeyId":"x","Name":"abcdefghi""#,
            expect![[
                r#"1 validation error detected: Value 'abcdefghi' at 'name' failed to satisfy constraint: Member must have length less than or equal to 8"#
            ]],
        );
        check(
            r#""KeyId":"x","KeyUsage":"R""#,
            expect![[
                r#"1 validation error detected: Value 'R' at 'keyUsage' failed to satisfy constraint: Member must satisfy enum value set: [ENCRYPT_DECRYPT, SIGN_VERIFY]"#
            ]],
        );
        check(
            r#""KeyId":"x","NumberOfBytes":0"#,
            expect![[
                r#"1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1"#
            ]],
        );
        check(
            r#""KeyId":null,"NumberOfBytes":1025"#,
            expect![[
                r#"2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024"#
            ]],
        );
    }

    #[test]
    fn secrets_and_bytes_are_not_shown() {
        let bytes = "aHVudGVyMmh1bnRlcjJodW50ZXIy";
        check(
            &format!(r#""KeyId":"x","Plaintext":"{bytes}""#),
            expect![[
                r#"1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 16"#
            ]],
        );
        check(
            r#""KeyId":"x","Password":"HUNTER""#,
            expect![[
                r#"1 validation error detected: Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+"#
            ]],
        );
        check(
            r#""KeyId":"x","Child":{"KeyId":"","Password":"HUNTER"}"#,
            expect![[
                r#"2 validation errors detected: Value '' at 'child.keyId' failed to satisfy constraint: Member must have length greater than or equal to 1; Value at 'child.password' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+"#
            ]],
        );
    }

    #[test]
    fn lists_and_maps() {
        check(
            r#""KeyId":"x","Tags":[{"TagKey":"ok"},{"TagKey":""},{"TagValue":"v"}]"#,
            expect![[
                r#"2 validation errors detected: Value '' at 'tags.2.member.tagKey' failed to satisfy constraint: Member must have length greater than or equal to 1; Value null at 'tags.3.member.tagKey' failed to satisfy constraint: Member must not be null"#
            ]],
        );
        let four = r#""Tags":[{"TagKey":"a"},{"TagKey":"b","TagValue":"c"},{"TagKey":"d"},null]"#;
        check(
            &format!(r#""KeyId":"x",{four}"#),
            expect![[
                r#"2 validation errors detected: Value '[Tag(tagKey=a, tagValue=null), Tag(tagKey=b, tagValue=c), Tag(tagKey=d, tagValue=null), null]' at 'tags' failed to satisfy constraint: Member must have length less than or equal to 3; Value null at 'tags.4.member' failed to satisfy constraint: Member must not be null"#
            ]],
        );
        check(
            r#""KeyId":"x","Names":["abc","B"]"#,
            expect![[
                r#"1 validation error detected: Value '[abc, B]' at 'names' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 8, Member must have length greater than or equal to 3, Member must satisfy regular expression pattern: [a-z]+]"#
            ]],
        );
        check(
            r#""KeyId":"x","Usages":["SIGN_VERIFY","?"]"#,
            expect![[
                r#"1 validation error detected: Value '[SIGN_VERIFY, ?]' at 'usages' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [ENCRYPT_DECRYPT, SIGN_VERIFY]]"#
            ]],
        );
        check(
            r#""KeyId":"x","Names":[null]"#,
            expect![[
                r#"1 validation error detected: Value '[null]' at 'names' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 8, Member must have length greater than or equal to 3, Member must satisfy regular expression pattern: [a-z]+, Member must not be null]"#
            ]],
        );
        check(
            r#""KeyId":"x","Context":{"UP":"v","low":"w"}"#,
            expect![[
                r#"1 validation error detected: Value '{UP=v, low=w}' at 'context' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 8, Member must have length greater than or equal to 3, Member must satisfy regular expression pattern: [a-z]+]"#
            ]],
        );
        check(
            r#""KeyId":"x","Context":{"low":null}"#,
            expect![[
                r#"1 validation error detected: Value '{low=null}' at 'context' failed to satisfy constraint: Map value must satisfy constraint: [Member must not be null]"#
            ]],
        );
        check(
            r#""KeyId":"x","TagMap":{"a.b":{"TagKey":""},"c":null}"#,
            expect![[
                r#"2 validation errors detected: Value '' at 'tagMap.a.b.member.tagKey' failed to satisfy constraint: Member must have length greater than or equal to 1; Value null at 'tagMap.c.member' failed to satisfy constraint: Member must not be null"#
            ]],
        );
    }

    #[test]
    fn lengths_are_characters() {
        let name = "é".repeat(128);
        check(&format!(r#""KeyId":"{name}""#), expect![["accepted"]]);
    }

    #[test]
    fn at_most_ten_and_none_endless() {
        let names = "N".repeat(100_000);
        let tags = vec![format!(r#"{{"TagKey":"{names}"}}"#); 20].join(",");
        let body = format!(r#"{{"KeyId":"x","Tags":[{tags}]}}"#);
        let Err(Rejection::Validation(message)) =
            decode::<Everything>(Protocol::Json11, body.as_bytes())
        else {
            panic!("accepted");
        };
        assert!(message.starts_with("10 validation errors detected: "));
        assert_eq!(message.matches("failed to satisfy constraint").count(), 10);
        assert!(message.len() < 30_000, "{}", message.len());
    }
}
