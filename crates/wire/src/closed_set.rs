//! Generated enums: closed sets of strings.

use std::borrow::Cow;

use crate::{Encoder, Rejection, Value};

/// A generated enum. What it implements `Shape` with: `SCHEMA` is `&Schema::Enum(Self::NAMES)`, `decode` is
/// [`decode_enum`], `encode` is [`encode_enum`].
pub trait ClosedSet: Copy + 'static {
    /// Every variant, in the model's order.
    const ALL: &'static [Self];
    /// The names on the wire, in the order of `ALL`.
    const NAMES: &'static [&'static str];

    /// The name on the wire.
    fn as_str(self) -> &'static str;

    /// The variant of exactly this name.
    fn from_name(name: &str) -> Option<Self> {
        let index = Self::NAMES.iter().position(|known| *known == name)?;
        Self::ALL.get(index).copied()
    }
}

/// A generated enum from a value that was validated.
///
/// # Errors
/// The value is not a text of the set.
pub fn decode_enum<E: ClosedSet>(value: Value<'_>) -> Result<E, Rejection> {
    let Value::Text(name) = value else {
        return Err(Rejection::Serialization(Cow::Borrowed(
            "An enum value is not a string",
        )));
    };
    E::from_name(&name)
        .ok_or_else(|| Rejection::Validation(String::from("An enum value is not of its set")))
}

/// Writes a generated enum.
pub fn encode_enum<E: ClosedSet>(value: E, to: &mut dyn Encoder) {
    to.text(value.as_str());
}
