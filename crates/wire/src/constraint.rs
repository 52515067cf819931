//! What a table demands of one value: presence, length, range, pattern, closed set.

use std::fmt;

use crate::{Length, Schema, Value, pattern};

/// One demand on one value.
#[derive(Clone, Copy)]
pub(crate) enum Constraint {
    Present,
    OneOf(&'static [&'static str]),
    Pattern(&'static str),
    Longest(i64),
    Shortest(i64),
    Largest(i64),
    Smallest(i64),
}

impl Constraint {
    /// Whether `value` meets this demand.
    pub(crate) fn holds(self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Self::Present, value) => !matches!(value, Value::Null),
            (Self::OneOf(names), Value::Text(text)) => names.contains(&text.as_ref()),
            (Self::Pattern(pattern), Value::Text(text)) => pattern::matches(pattern, text),
            (Self::Longest(most), value) => length(value) <= most,
            (Self::Shortest(least), value) => length(value) >= least,
            (Self::Largest(most), Value::Integer(number)) => *number <= most,
            (Self::Smallest(least), Value::Integer(number)) => *number >= least,
            _ => false,
        }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present => f.write_str("Member must not be null"),
            Self::OneOf(names) => {
                write!(
                    f,
                    "Member must satisfy enum value set: [{}]",
                    names.join(", ")
                )
            }
            Self::Pattern(pattern) => {
                write!(
                    f,
                    "Member must satisfy regular expression pattern: {pattern}"
                )
            }
            Self::Longest(most) => {
                write!(f, "Member must have length less than or equal to {most}")
            }
            Self::Shortest(least) => write!(
                f,
                "Member must have length greater than or equal to {least}"
            ),
            Self::Largest(most) => write!(f, "Member must have value less than or equal to {most}"),
            Self::Smallest(least) => {
                write!(f, "Member must have value greater than or equal to {least}")
            }
        }
    }
}

/// Characters of a text, bytes of a blob, elements of a list, entries of a map.
fn length(value: &Value<'_>) -> i64 {
    let length = match value {
        Value::Text(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(elements) => elements.len(),
        Value::Object(entries) => entries.len(),
        _ => 0,
    };
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// The constraints of a schema on the value itself, in the order AWS reports them.
pub(crate) fn of(schema: &'static Schema) -> [Option<Constraint>; 3] {
    let lengths = |length: &Length| {
        let (most, least) = (length.max, length.min);
        (
            most.map(Constraint::Longest),
            least.map(Constraint::Shortest),
        )
    };
    match schema {
        Schema::Integer(range) | Schema::Long(range) => [
            None,
            range.max.map(Constraint::Largest),
            range.min.map(Constraint::Smallest),
        ],
        Schema::String { length, pattern } => {
            let (longest, shortest) = lengths(length);
            let pattern = (!pattern.is_empty()).then_some(Constraint::Pattern(pattern));
            [pattern, longest, shortest]
        }
        Schema::Enum(names) => [Some(Constraint::OneOf(names)), None, None],
        Schema::Blob(length) | Schema::List { length, .. } | Schema::Map { length, .. } => {
            let (longest, shortest) = lengths(length);
            [None, longest, shortest]
        }
        Schema::Boolean
        | Schema::Float
        | Schema::Double
        | Schema::Timestamp
        | Schema::Structure(_) => [None; 3],
    }
}

/// All demands on the leaves of a list or map, as AWS lists them when one leaf breaks one.
pub(crate) struct Bracketed {
    pub(crate) words: &'static str,
    pub(crate) demands: [Option<Constraint>; 3],
    /// Whether what breaks them is an absent leaf.
    pub(crate) null: bool,
}

impl fmt::Display for Bracketed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [pattern, longest, shortest] = self.demands;
        let present = self.null.then_some(Constraint::Present);
        write!(f, "{}: [", self.words)?;
        for (index, constraint) in [longest, shortest, pattern, present]
            .into_iter()
            .flatten()
            .enumerate()
        {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{constraint}")?;
        }
        f.write_str("]")
    }
}
