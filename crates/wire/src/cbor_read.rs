//! CBOR bodies (RFC 8949): items to values, values to the types of a table.
//!
//! Source: Smithy RPC v2 CBOR protocol, "Shape serialization".

use minicbor::data::Type;
use minicbor::decode::{Decoder, Error};
use std::borrow::Cow;
use zeroize::Zeroizing;

use crate::decode::{MOST_DEPTH, MOST_VALUES};
use crate::{Rejection, Schema, Value, conform};

/// The tag of seconds since the epoch.
const EPOCH_SECONDS: u64 = 1;

/// Reads one body and gives every value the type its schema asks for. No body at all is an empty structure.
pub(crate) fn read<'a>(body: &'a [u8], schema: &'static Schema) -> Result<Value<'a>, Rejection> {
    if body.is_empty() {
        return Ok(Value::Object(Vec::new()));
    }
    let mut reader = Reader {
        items: Decoder::new(body),
        values: MOST_VALUES,
    };
    let mut value = reader.item(MOST_DEPTH).map_err(Unreadable::rejection)?;
    if reader.items.position() != body.len() {
        return Err(says("more than one item"));
    }
    conform::cbor(&mut value, schema)?;
    Ok(value)
}

/// Why an item is not read: the syntax, or words of our own.
enum Unreadable {
    Syntax,
    Words(&'static str),
    Refused(Rejection),
}

impl From<Error> for Unreadable {
    /// The library's words may quote the body; they are not passed on.
    fn from(_: Error) -> Self {
        Self::Syntax
    }
}

impl Unreadable {
    fn rejection(self) -> Rejection {
        match self {
            Self::Syntax => says("an item is malformed or cut short"),
            Self::Words(words) => says(words),
            Self::Refused(rejection) => rejection,
        }
    }
}

fn says(words: &'static str) -> Rejection {
    Rejection::Serialization(Cow::Owned(format!("The body is not valid CBOR: {words}")))
}

struct Reader<'a> {
    items: Decoder<'a>,
    values: u32,
}

impl<'a> Reader<'a> {
    fn item(&mut self, depth: u32) -> Result<Value<'a>, Unreadable> {
        let left = self.values.checked_sub(1);
        self.values = left.ok_or(Unreadable::Words("too many values"))?;
        let items = &mut self.items;
        Ok(match items.datatype()? {
            Type::Bool => Value::Boolean(items.bool()?),
            Type::Null => items.null().map(|()| Value::Null)?,
            Type::Undefined => items.undefined().map(|()| Value::Null)?,
            Type::F16 => Value::Number(items.f16()?.into()),
            Type::F32 => Value::Number(items.f32()?.into()),
            Type::F64 => Value::Number(items.f64()?),
            Type::Bytes | Type::BytesIndef => Value::Bytes(self.bytes()?),
            Type::String => Value::Text(Cow::Borrowed(items.str()?)),
            Type::StringIndef => Value::Text(Cow::Owned(self.text()?)),
            Type::Array | Type::ArrayIndef => self.list(depth)?,
            Type::Map | Type::MapIndef => self.object(depth)?,
            Type::Tag => self.time(depth)?,
            Type::U8
            | Type::U16
            | Type::U32
            | Type::U64
            | Type::I8
            | Type::I16
            | Type::I32
            | Type::I64
            | Type::Int => self.integer()?,
            Type::Simple | Type::Break | Type::Unknown(_) => {
                return Err(Unreadable::Words("an item of no known type"));
            }
        })
    }

    fn integer(&mut self) -> Result<Value<'a>, Unreadable> {
        let number = i128::from(self.items.int()?);
        Ok(match i64::try_from(number) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Number(number as f64),
        })
    }

    fn bytes(&mut self) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        let mut bytes = Zeroizing::new(Vec::new());
        for piece in self.items.bytes_iter()? {
            bytes.extend_from_slice(piece?);
        }
        Ok(bytes)
    }

    fn text(&mut self) -> Result<String, Unreadable> {
        let mut text = String::new();
        for piece in self.items.str_iter()? {
            text.push_str(piece?);
        }
        Ok(text)
    }

    fn deeper(depth: u32) -> Result<u32, Unreadable> {
        depth
            .checked_sub(1)
            .ok_or(Unreadable::Words("nested too deeply"))
    }

    /// Whether another element follows: counted down, or until the break of a list of unknown length.
    fn more(&mut self, left: &mut Option<u64>) -> Result<bool, Unreadable> {
        match left {
            Some(0) => Ok(false),
            Some(count) => {
                *count -= 1;
                Ok(true)
            }
            None if self.items.datatype()? == Type::Break => {
                self.items.set_position(self.items.position() + 1);
                Ok(false)
            }
            None => Ok(true),
        }
    }

    // What a body claims of its length is never reserved.
    fn list(&mut self, depth: u32) -> Result<Value<'a>, Unreadable> {
        let depth = Self::deeper(depth)?;
        let mut left = self.items.array()?;
        let mut list = Vec::new();
        while self.more(&mut left)? {
            list.push(self.item(depth)?);
        }
        Ok(Value::List(list))
    }

    fn object(&mut self, depth: u32) -> Result<Value<'a>, Unreadable> {
        let depth = Self::deeper(depth)?;
        let mut left = self.items.map()?;
        let mut object = Vec::new();
        while self.more(&mut left)? {
            let name = match self.items.datatype()? {
                Type::String => Cow::Borrowed(self.items.str()?),
                Type::StringIndef => Cow::Owned(self.text()?),
                _ => return Err(Unreadable::Words("the key of a map is no text")),
            };
            object.push((name, self.item(depth)?));
        }
        Ok(Value::Object(object))
    }

    fn time(&mut self, depth: u32) -> Result<Value<'a>, Unreadable> {
        let depth = Self::deeper(depth)?;
        if self.items.tag()?.as_u64() != EPOCH_SECONDS {
            return Err(Unreadable::Words("a tag of no known meaning"));
        }
        let seconds = match self.item(depth)? {
            Value::Integer(seconds) => seconds as f64,
            Value::Number(seconds) => seconds,
            _ => return Err(Unreadable::Words("a time that is no number")),
        };
        conform::time(seconds).map_err(Unreadable::Refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_shapes::Everything;
    use crate::{Protocol, Shape, decode};
    use base::Timestamp;

    fn parse(body: &[u8]) -> Result<Value<'_>, Rejection> {
        let mut reader = Reader {
            items: Decoder::new(body),
            values: MOST_VALUES,
        };
        reader.item(MOST_DEPTH).map_err(Unreadable::rejection)
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u32> = hex.chars().map(|c| c.to_digit(16).unwrap()).collect();
        let byte = |pair: &[u32]| (pair[0] * 16 + pair[1]) as u8;
        digits.chunks(2).map(byte).collect()
    }

    /// RFC 8949, appendix A.
    #[test]
    fn examples_of_the_standard() {
        for (hex, expected) in [
            ("00", Value::Integer(0)),
            ("1818", Value::Integer(24)),
            ("1a000f4240", Value::Integer(1_000_000)),
            ("1bffffffffffffffff", Value::Number(u64::MAX as f64)),
            ("20", Value::Integer(-1)),
            ("3903e7", Value::Integer(-1000)),
            ("f93c00", Value::Number(1.0)),
            ("f97bff", Value::Number(65504.0)),
            ("fa47c35000", Value::Number(100_000.0)),
            ("fb3ff199999999999a", Value::Number(1.1)),
            ("f4", Value::Boolean(false)),
            ("f5", Value::Boolean(true)),
            ("f6", Value::Null),
            ("f7", Value::Null),
            (
                "c11a514b67b0",
                Value::Time(Timestamp::from_millis(1_363_896_240_000)),
            ),
            (
                "c1fb41d452d9ec200000",
                Value::Time(Timestamp::from_millis(1_363_896_240_500)),
            ),
            ("4401020304", Value::Bytes(Zeroizing::new(vec![1, 2, 3, 4]))),
            (
                "5f42010243030405ff",
                Value::Bytes(Zeroizing::new(vec![1, 2, 3, 4, 5])),
            ),
            ("62c3bc", Value::Text("ü".into())),
            (
                "7f657374726561646d696e67ff",
                Value::Text("streaming".into()),
            ),
            ("80", Value::List(vec![])),
            (
                "9f018202039f0405ffff",
                Value::List(vec![
                    Value::Integer(1),
                    Value::List(vec![Value::Integer(2), Value::Integer(3)]),
                    Value::List(vec![Value::Integer(4), Value::Integer(5)]),
                ]),
            ),
            (
                "bf61610161629f0203ffff",
                Value::Object(vec![
                    ("a".into(), Value::Integer(1)),
                    (
                        "b".into(),
                        Value::List(vec![Value::Integer(2), Value::Integer(3)]),
                    ),
                ]),
            ),
        ] {
            assert_eq!(parse(&bytes(hex)), Ok(expected), "{hex}");
        }
    }

    #[test]
    fn what_is_no_body() {
        for hex in [
            "18",                   // cut short
            "1c",                   // reserved
            "ff",                   // a break of nothing
            "f0",                   // a simple value
            "61ff",                 // no UTF-8
            "a1",                   // a map without its entry
            "a10102",               // a key that is no text
            "9f01",                 // no break
            "bf6161ff",             // a key without value
            "c243010000",           // a big number
            "c16161",               // a time that is text
            "c1fb7ff0000000000000", // a time without end
            "a0a0",                 // two items
            "9bffffffffffffffff",   // a length of nothing
            "5bffffffffffffffff",
            "7f4101ff", // bytes in a text
        ] {
            let refused = decode::<Everything>(Protocol::Cbor, &bytes(hex));
            assert!(
                matches!(refused, Err(Rejection::Serialization(_))),
                "{hex}: {refused:?}"
            );
        }
    }

    #[test]
    fn depth_and_number_are_limited() {
        let nested = |depth: usize| [vec![0x81; depth], vec![0x80]].concat();
        assert!(parse(&nested(63)).is_ok());
        assert!(parse(&nested(64)).is_err());
        assert!(parse(&vec![0x9f; 1_000_000]).is_err());
        let mut many = vec![0x9f];
        many.extend(std::iter::repeat_n(0xf6, MOST_VALUES as usize));
        many.push(0xff);
        assert_eq!(parse(&many), Err(says("too many values")));
    }

    #[test]
    fn values_are_of_their_own_type() {
        let named = |name: &str, value: &[u8]| {
            let head = [0xa1, 0x60 | name.len() as u8];
            [&head[..], name.as_bytes(), value].concat()
        };
        for (name, value, words) in [
            (
                "KeyId",
                &[0x01][..],
                "NUMBER_VALUE cannot be converted to String",
            ),
            (
                "KeyId",
                &[0x41, 0x61],
                "a blob cannot be converted to String",
            ),
            (
                "Plaintext",
                &[0x64, 0x65, 0x48, 0x67, 0x3d],
                "STRING_VALUE cannot be converted to a blob",
            ),
            (
                "CreationDate",
                &[0x01],
                "NUMBER_VALUE cannot be converted to a timestamp",
            ),
            (
                "Enabled",
                &[0x64, 0x74, 0x72, 0x75, 0x65],
                "STRING_VALUE cannot be converted to Boolean",
            ),
            (
                "Tags",
                &[0xa0],
                "Start of structure or map found where not expected",
            ),
        ] {
            assert_eq!(
                decode::<Everything>(Protocol::Cbor, &named(name, value)),
                Err(Rejection::Serialization(words.into())),
                "{name}"
            );
        }
        assert!(read(b"", Everything::SCHEMA).is_ok());
    }
}
