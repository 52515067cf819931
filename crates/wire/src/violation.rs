//! Broken constraints, gathered into one message of AWS's grammar.

use std::fmt::{self, Write};

use crate::path::{LowerFirst, Path};
use crate::{Rejection, Schema, Structure, Value};

/// AWS reports no more than ten.
const MOST: usize = 10;
/// Bytes shown of a value, a path or a constraint; the rest is cut.
const LONGEST: usize = 2_048;

/// Where a value lies, and whether what lies there is a secret.
#[derive(Clone, Copy)]
pub(crate) struct At<'p> {
    pub(crate) path: &'p Path<'p>,
    pub(crate) secret: bool,
}

/// The violations found so far.
#[derive(Default)]
pub(crate) struct Violations {
    count: usize,
    message: String,
}

impl Violations {
    /// Adds that `value` at `at` breaks `constraint`. The value of a secret, and bytes, are never shown.
    pub(crate) fn add(
        &mut self,
        value: &Value<'_>,
        schema: &'static Schema,
        at: At<'_>,
        constraint: &dyn fmt::Display,
    ) {
        if self.count == MOST {
            return;
        }
        if self.count > 0 {
            self.message.push_str("; ");
        }
        self.count += 1;
        self.message.push_str("Value ");
        match value {
            Value::Null => self.message.push_str("null "),
            Value::Bytes(_) => {}
            _ if at.secret => {}
            value => {
                self.cut(format_args!("'{}", Shown(value, schema)));
                self.message.push_str("' ");
            }
        }
        self.cut(format_args!("at '{}", at.path));
        self.message.push_str("' failed to satisfy constraint: ");
        self.cut(format_args!("{constraint}"));
    }

    fn cut(&mut self, text: fmt::Arguments<'_>) {
        let mut limited = Limited {
            left: LONGEST,
            to: &mut self.message,
        };
        // The only error is the cut itself.
        let _cut = limited.write_fmt(text);
    }

    /// The whole message, if anything was found.
    pub(crate) fn into_result(self) -> Result<(), Rejection> {
        let plural = if self.count == 1 { "" } else { "s" };
        match self.count {
            0 => Ok(()),
            count => Err(Rejection::Validation(format!(
                "{count} validation error{plural} detected: {}",
                self.message
            ))),
        }
    }
}

/// Writes up to a number of bytes, then refuses.
struct Limited<'s> {
    left: usize,
    to: &'s mut String,
}

impl Write for Limited<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let fits = text.floor_char_boundary(self.left);
        let (head, tail) = text.split_at(fits);
        self.to.push_str(head);
        self.left -= head.len();
        if tail.is_empty() {
            Ok(())
        } else {
            Err(fmt::Error)
        }
    }
}

/// A value as Java prints it: `[a, b]`, `{key=value}`, `Tag(key=a, value=null)`.
struct Shown<'v>(&'v Value<'v>, &'static Schema);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (Value::Null, _) => f.write_str("null"),
            (Value::Boolean(value), _) => write!(f, "{value}"),
            (Value::Integer(value), _) => write!(f, "{value}"),
            (Value::Number(value), _) => write!(f, "{value:?}"),
            (Value::Text(text), _) => f.write_str(text),
            (Value::Time(time), _) => write!(f, "{}", time.rfc3339()),
            (Value::List(elements), Schema::List { member, .. }) => {
                separated(f, ('[', ']'), elements, |f, element| {
                    Shown(element, member).fmt(f)
                })
            }
            (Value::Object(entries), Schema::Map { value: of, .. }) => {
                separated(f, ('{', '}'), entries, |f, (key, value)| {
                    write!(f, "{key}={}", Shown(value, of))
                })
            }
            (Value::Object(_), Schema::Structure(of)) => self.structure(f, of),
            _ => f.write_str("***"),
        }
    }
}

impl Shown<'_> {
    fn structure(&self, f: &mut fmt::Formatter<'_>, of: &'static Structure) -> fmt::Result {
        let Value::Object(members) = self.0 else {
            return Ok(());
        };
        f.write_str(of.name)?;
        separated(f, ('(', ')'), of.members, |f, member| {
            let sent = members.iter().rev().find(|(name, _)| name == member.name);
            let value = sent.map_or(&Value::Null, |(_, value)| value);
            let name = LowerFirst(member.name);
            match value {
                Value::Null => write!(f, "{name}=null"),
                _ if member.sensitive => write!(f, "{name}=***"),
                value => write!(f, "{name}={}", Shown(value, member.schema)),
            }
        })
    }
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    (open, close): (char, char),
    items: &[T],
    mut each: impl FnMut(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    f.write_char(open)?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        each(f, item)?;
    }
    f.write_char(close)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let mut message = String::new();
        let mut limited = Limited {
            left: 4,
            to: &mut message,
        };
        assert!(limited.write_str("a").is_ok());
        assert!(limited.write_str("éé").is_err());
        assert_eq!(message, "aé");
    }
}
