//! What a body says, before any shape takes it.

use base::Timestamp;
use std::borrow::Cow;
use std::fmt;
use zeroize::Zeroizing;

/// What a protocol's parser makes of a body. Borrows from the body.
///
/// A parser yields the variants that its syntax has; once the body was held against a table, every value is of
/// the variant of its schema. `Debug` shows the kind only, as any value may be a secret.
#[derive(Clone, PartialEq)]
pub enum Value<'a> {
    /// JSON `null`; same as absent.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A number without fraction.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// A string.
    Text(Cow<'a, str>),
    /// A blob, after its base64 was read.
    Bytes(Zeroizing<Vec<u8>>),
    /// A timestamp, after its number or text was read.
    Time(Timestamp),
    /// A list.
    List(Vec<Value<'a>>),
    /// An object: members in the order they came.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Value::Null => "Null",
            Value::Boolean(_) => "Boolean(…)",
            Value::Integer(_) => "Integer(…)",
            Value::Number(_) => "Number(…)",
            Value::Text(_) => "Text(…)",
            Value::Bytes(_) => "Bytes(…)",
            Value::Time(_) => "Time(…)",
            Value::List(_) => "List(…)",
            Value::Object(_) => "Object(…)",
        })
    }
}
