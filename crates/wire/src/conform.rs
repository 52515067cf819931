//! Values as a parser made them, given the types of a table, or AWS's words for why not.

use base::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;
use zeroize::Zeroizing;

use crate::{Rejection, Schema, Structure, Value};

/// Seconds of the years 1 to 9999.
const TIMES: std::ops::RangeInclusive<f64> = -62_135_596_800.0..=253_402_300_799.0;

/// What a protocol makes of a value that is neither list nor map nor structure where its schema says so.
type Leaf = for<'a> fn(&mut Value<'a>, &'static Schema) -> Result<(), Rejection>;

/// Gives every value of a JSON body the variant of its schema. `null` and unknown members stay as they are.
pub(crate) fn json(value: &mut Value<'_>, schema: &'static Schema) -> Result<(), Rejection> {
    whole(value, schema, json_leaf)
}

/// Holds every value of a CBOR body against its schema; the items have types of their own.
pub(crate) fn cbor(value: &mut Value<'_>, schema: &'static Schema) -> Result<(), Rejection> {
    whole(value, schema, cbor_leaf)
}

fn whole(value: &mut Value<'_>, schema: &'static Schema, leaf: Leaf) -> Result<(), Rejection> {
    match (schema, &mut *value) {
        (Schema::List { member, .. }, Value::List(elements)) => list(elements, member, leaf),
        (Schema::Map { value, .. }, Value::Object(entries)) => map(entries, value, leaf),
        (Schema::Structure(of), Value::Object(members)) => structure(members, of, leaf),
        _ => leaf(value, schema),
    }
}

fn json_leaf(value: &mut Value<'_>, schema: &'static Schema) -> Result<(), Rejection> {
    let typed = match (schema, &mut *value) {
        (Schema::Boolean, Value::Boolean(_))
        | (Schema::Long(_), Value::Integer(_))
        | (Schema::Float | Schema::Double, Value::Number(_))
        | (Schema::String { .. } | Schema::Enum(_), Value::Text(_)) => return Ok(()),
        (Schema::Integer(_), Value::Integer(number)) if i32::try_from(*number).is_ok() => {
            return Ok(());
        }
        (Schema::Float | Schema::Double, Value::Integer(number)) => Value::Number(*number as f64),
        (Schema::Timestamp, Value::Integer(seconds)) => time(*seconds as f64)?,
        (Schema::Timestamp, Value::Number(seconds)) => time(*seconds)?,
        (Schema::Boolean, Value::Text(word)) => boolean(word)?,
        (Schema::Float | Schema::Double, Value::Text(word)) => special_number(word)?,
        (Schema::Blob(_), Value::Text(text)) => bytes(text)?,
        (_, other) => return Err(mismatch(other, schema)),
    };
    *value = typed;
    Ok(())
}

fn cbor_leaf(value: &mut Value<'_>, schema: &'static Schema) -> Result<(), Rejection> {
    match (schema, &*value) {
        (Schema::Boolean, Value::Boolean(_))
        | (Schema::Long(_), Value::Integer(_))
        | (Schema::Float | Schema::Double, Value::Number(_))
        | (Schema::String { .. } | Schema::Enum(_), Value::Text(_))
        | (Schema::Blob(_), Value::Bytes(_))
        | (Schema::Timestamp, Value::Time(_)) => Ok(()),
        (Schema::Integer(_), Value::Integer(number)) if i32::try_from(*number).is_ok() => Ok(()),
        (Schema::Float | Schema::Double, Value::Integer(number)) => {
            *value = Value::Number(*number as f64);
            Ok(())
        }
        (_, Value::Object(_) | Value::List(_)) => Err(mismatch(value, schema)),
        (_, other) => {
            let (token, class) = (token(other), cbor_class(schema));
            Err(Rejection::Serialization(
                format!("{token} cannot be converted to {class}").into(),
            ))
        }
    }
}

fn cbor_class(schema: &Schema) -> &'static str {
    match schema {
        Schema::Blob(_) => "a blob",
        Schema::Timestamp => "a timestamp",
        Schema::List { .. } => "a list",
        Schema::Map { .. } | Schema::Structure(_) => "a map",
        other => class(other),
    }
}

fn list(elements: &mut [Value<'_>], member: &'static Schema, leaf: Leaf) -> Result<(), Rejection> {
    elements
        .iter_mut()
        .try_for_each(|element| present(element, member, leaf))
}

fn map<'a>(
    entries: &mut Vec<(Cow<'a, str>, Value<'a>)>,
    of: &'static Schema,
    leaf: Leaf,
) -> Result<(), Rejection> {
    // Of equal keys the last counts: a stable sort puts it behind the others, from where it moves forward.
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    entries.dedup_by(|later, earlier| {
        let equal = later.0 == earlier.0;
        if equal {
            std::mem::swap(later, earlier);
        }
        equal
    });
    entries
        .iter_mut()
        .try_for_each(|(_, value)| present(value, of, leaf))
}

fn structure(
    members: &mut [(Cow<'_, str>, Value<'_>)],
    of: &'static Structure,
    leaf: Leaf,
) -> Result<(), Rejection> {
    for (name, value) in members {
        if let Some(member) = of.members.iter().find(|member| member.name == *name) {
            present(value, member.schema, leaf)?;
        }
    }
    Ok(())
}

fn present(value: &mut Value<'_>, schema: &'static Schema, leaf: Leaf) -> Result<(), Rejection> {
    match value {
        Value::Null => Ok(()),
        value => whole(value, schema, leaf),
    }
}

/// The value of a leaf of a Query body, which is all text.
pub(crate) fn text<'a>(
    text: Cow<'a, str>,
    schema: &'static Schema,
) -> Result<Value<'a>, Rejection> {
    let refused = || {
        Rejection::Serialization(
            format!("STRING_VALUE cannot be converted to {}", class(schema)).into(),
        )
    };
    match schema {
        Schema::String { .. } | Schema::Enum(_) => Ok(Value::Text(text)),
        Schema::Boolean => boolean(&text),
        Schema::Integer(_) => text
            .parse::<i32>()
            .map(|number| Value::Integer(number.into()))
            .map_err(|_| refused()),
        Schema::Long(_) => text.parse().map(Value::Integer).map_err(|_| refused()),
        Schema::Float | Schema::Double => text.parse().map(Value::Number).map_err(|_| refused()),
        Schema::Blob(_) => bytes(&text),
        Schema::Timestamp => match text.parse::<f64>() {
            Ok(seconds) => time(seconds),
            Err(_) => Timestamp::parse_rfc3339(&text)
                .map(Value::Time)
                .map_err(|_| says("timestamp must follow ISO8601")),
        },
        Schema::List { .. } | Schema::Map { .. } | Schema::Structure(_) => {
            Err(says("Unexpected field type"))
        }
    }
}

fn boolean<'a>(word: &str) -> Result<Value<'a>, Rejection> {
    match word {
        word if word.eq_ignore_ascii_case("true") => Ok(Value::Boolean(true)),
        word if word.eq_ignore_ascii_case("false") => Ok(Value::Boolean(false)),
        _ => Err(says("Unexpected token received from parser")),
    }
}

fn special_number<'a>(word: &str) -> Result<Value<'a>, Rejection> {
    match word {
        "NaN" => Ok(Value::Number(f64::NAN)),
        "Infinity" => Ok(Value::Number(f64::INFINITY)),
        "-Infinity" => Ok(Value::Number(f64::NEG_INFINITY)),
        _ => Err(says("STRING_VALUE cannot be converted to Double")),
    }
}

/// An instant from seconds since the epoch.
pub(crate) fn time<'a>(seconds: f64) -> Result<Value<'a>, Rejection> {
    if !TIMES.contains(&seconds) {
        return Err(says(
            "NUMBER_VALUE cannot be converted to milliseconds since epoch",
        ));
    }
    let whole = seconds.floor();
    // AWS keeps milliseconds; apart from the whole seconds, so that none is lost in the rounding of a double.
    let millis = ((seconds - whole) * 1_000.0).round();
    Ok(Value::Time(Timestamp::from_millis(
        whole as i64 * 1_000 + millis as i64,
    )))
}

fn bytes<'a>(text: &str) -> Result<Value<'a>, Rejection> {
    if !text.len().is_multiple_of(4) {
        let length = text.len();
        let words =
            format!("Base64 encoded length is expected a multiple of 4 bytes but found: {length}");
        return Err(Rejection::Serialization(Cow::Owned(words)));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 4 * 3));
    match STANDARD.decode_vec(text, &mut bytes) {
        Ok(()) => Ok(Value::Bytes(bytes)),
        Err(base64::DecodeError::InvalidLastSymbol(..)) => {
            Err(says("Invalid last non-pad Base64 character dectected"))
        }
        Err(_) => Err(says("Invalid Base64 character found")),
    }
}

/// AWS's words for a JSON value of the wrong type, as recorded by public conformance suites.
fn mismatch(value: &Value<'_>, schema: &'static Schema) -> Rejection {
    let container = matches!(
        schema,
        Schema::List { .. } | Schema::Map { .. } | Schema::Structure(_)
    );
    match value {
        Value::Object(_) => says("Start of structure or map found where not expected"),
        Value::List(_) if container => says("Start of list found where not expected"),
        Value::List(_) => {
            let class = class(schema);
            Rejection::Serialization(
                format!("Unrecognized collection type class java.lang.{class}").into(),
            )
        }
        _ if container => says("Unexpected field type"),
        _ if matches!(schema, Schema::Blob(_)) => {
            says("only base-64-encoded strings are convertible to bytes")
        }
        _ => {
            let (token, class) = (token(value), class(schema));
            Rejection::Serialization(format!("{token} cannot be converted to {class}").into())
        }
    }
}

fn token(value: &Value<'_>) -> &'static str {
    match value {
        Value::Boolean(true) => "TRUE_VALUE",
        Value::Boolean(false) => "FALSE_VALUE",
        Value::Integer(_) => "NUMBER_VALUE",
        Value::Number(_) => "DECIMAL_VALUE",
        Value::Null => "NULL_VALUE",
        Value::Bytes(_) => "a blob",
        Value::Time(_) => "a timestamp",
        _ => "STRING_VALUE",
    }
}

fn class(schema: &Schema) -> &'static str {
    match schema {
        Schema::Boolean => "Boolean",
        Schema::Integer(_) => "Integer",
        Schema::Long(_) => "Long",
        Schema::Float => "Float",
        Schema::Double => "Double",
        Schema::Timestamp => "milliseconds since epoch",
        _ => "String",
    }
}

fn says(words: &'static str) -> Rejection {
    Rejection::Serialization(Cow::Borrowed(words))
}

#[cfg(test)]
mod tests {
    use crate::test_shapes::Everything;
    use crate::{Protocol, Rejection, decode};

    #[test]
    fn json_of_the_wrong_type() {
        for (body, expected) in [
            (
                r#"{"KeyId":1}"#,
                "NUMBER_VALUE cannot be converted to String",
            ),
            (
                r#"{"KeyId":1.5}"#,
                "DECIMAL_VALUE cannot be converted to String",
            ),
            (
                r#"{"KeyId":true}"#,
                "TRUE_VALUE cannot be converted to String",
            ),
            (
                r#"{"KeyId":[]}"#,
                "Unrecognized collection type class java.lang.String",
            ),
            (
                r#"{"KeyId":{}}"#,
                "Start of structure or map found where not expected",
            ),
            (
                r#"{"NumberOfBytes":"1"}"#,
                "STRING_VALUE cannot be converted to Integer",
            ),
            (
                r#"{"NumberOfBytes":1.5}"#,
                "DECIMAL_VALUE cannot be converted to Integer",
            ),
            (
                r#"{"NumberOfBytes":4294967297}"#,
                "NUMBER_VALUE cannot be converted to Integer",
            ),
            (
                r#"{"Size":9223372036854775808}"#,
                "DECIMAL_VALUE cannot be converted to Long",
            ),
            (
                r#"{"Enabled":1}"#,
                "NUMBER_VALUE cannot be converted to Boolean",
            ),
            (
                r#"{"Enabled":"maybe"}"#,
                "Unexpected token received from parser",
            ),
            (
                r#"{"Plaintext":1}"#,
                "only base-64-encoded strings are convertible to bytes",
            ),
            (
                r#"{"Plaintext":"23456"}"#,
                "Base64 encoded length is expected a multiple of 4 bytes but found: 5",
            ),
            (
                r#"{"Plaintext":"+/+="}"#,
                "Invalid last non-pad Base64 character dectected",
            ),
            (r#"{"Plaintext":"a*b="}"#, "Invalid Base64 character found"),
            (
                r#"{"CreationDate":"now"}"#,
                "STRING_VALUE cannot be converted to milliseconds since epoch",
            ),
            (
                r#"{"CreationDate":1e300}"#,
                "NUMBER_VALUE cannot be converted to milliseconds since epoch",
            ),
            (r#"{"Tags":"a"}"#, "Unexpected field type"),
            (
                r#"{"Tags":{}}"#,
                "Start of structure or map found where not expected",
            ),
            (
                r#"{"Tags":[["a"]]}"#,
                "Start of list found where not expected",
            ),
            (
                r#"{"Context":[]}"#,
                "Start of list found where not expected",
            ),
            (r#"[]"#, "Start of list found where not expected"),
            (r#"null"#, "Unexpected field type"),
        ] {
            let refused = Err(Rejection::Serialization(expected.into()));
            assert_eq!(
                decode::<Everything>(Protocol::Json11, body.as_bytes()),
                refused,
                "{body}"
            );
        }
    }

    #[test]
    fn json_that_passes_for_the_type() {
        let read = |member: &str| {
            let body = format!(r#"{{"KeyId":"x",{member}}}"#);
            decode::<Everything>(Protocol::Json11, body.as_bytes()).unwrap()
        };
        assert_eq!(read(r#""Enabled":"TRUE""#).enabled, Some(true));
        assert_eq!(read(r#""Ratio":1"#).ratio, Some(1.0));
        assert_eq!(
            read(r#""Ratio":"-Infinity""#).ratio,
            Some(f64::NEG_INFINITY)
        );
        assert_eq!(
            read(r#""CreationDate":1795502293.25"#)
                .creation_date
                .unwrap()
                .millis(),
            1_795_502_293_250
        );
        assert_eq!(
            read(r#""CreationDate":1.7955E9"#)
                .creation_date
                .unwrap()
                .seconds(),
            1_795_500_000
        );
        assert_eq!(
            read(r#""CreationDate":-0.5"#)
                .creation_date
                .unwrap()
                .millis(),
            -500
        );
        assert_eq!(read(r#""Name":null,"Unknown":{"a":[]}"#).name, None);
        assert_eq!(
            read(r#""Name":"first","Name":"second""#).name.as_deref(),
            Some("second")
        );
        let context = read(r#""Context":{"key":"1","other":"2","key":"3","key":"4"}"#)
            .context
            .unwrap();
        assert_eq!((context.len(), context["key"].as_str()), (2, "4"));
    }

    #[test]
    fn forms_of_the_wrong_type() {
        for (body, expected) in [
            (
                "NumberOfBytes=x",
                "STRING_VALUE cannot be converted to Integer",
            ),
            (
                "NumberOfBytes=",
                "STRING_VALUE cannot be converted to Integer",
            ),
            (
                "NumberOfBytes=4294967297",
                "STRING_VALUE cannot be converted to Integer",
            ),
            ("Enabled=yes", "Unexpected token received from parser"),
            ("CreationDate=now", "timestamp must follow ISO8601"),
            (
                "Ciphertext=abc",
                "Base64 encoded length is expected a multiple of 4 bytes but found: 3",
            ),
        ] {
            let refused = Err(Rejection::Serialization(expected.into()));
            assert_eq!(
                decode::<Everything>(Protocol::Query, body.as_bytes()),
                refused,
                "{body}"
            );
        }
    }
}
