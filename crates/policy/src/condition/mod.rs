//! Conditions: what must hold for a statement to apply.

mod date;
mod operator;
mod test;

use test::Test;

use crate::context::{ConditionKey, Context, Value};
use crate::malformed::Malformed;
use crate::syntax::ConditionSource;

pub(crate) use date::parse as parse_date;
pub(crate) use operator::{Comparison, Kind, Operator, Set};
pub(crate) use test::{boolean, is_base64, network, number};

/// One operator on one key, compiled.
#[derive(Debug)]
pub struct Condition {
    operator: Operator,
    key: ConditionKey,
    test: Test,
    written: ConditionSource,
}

impl Condition {
    /// The operator as written, as `StringLikeIfExists`.
    pub fn operator(&self) -> &str {
        &self.written.operator
    }
    /// The key as written.
    pub fn key(&self) -> &str {
        &self.written.key
    }
    /// The values as written.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.written.values.iter().map(String::as_str)
    }

    /// Whether policy variables count in its values, where the policy's version knows them.
    pub(crate) fn takes_variables(&self) -> bool {
        self.operator.takes_variables()
    }

    /// Compiles; `variables` says whether the policy's version knows them.
    pub(crate) fn compile(written: ConditionSource, variables: bool) -> Result<Self, Malformed> {
        let operator = Operator::parse(&written.operator).ok_or_else(Malformed::syntax)?;
        Ok(Self {
            operator,
            key: ConditionKey::new(&written.key),
            test: Test::parse(operator, &written.values, variables)?,
            written,
        })
    }

    /// Whether the condition is fulfilled.
    pub(crate) fn holds(&self, context: &dyn Context) -> bool {
        let (mut found, mut fitting) = (0_usize, 0_usize);
        context.values(&self.key, &mut |value| {
            if !self.is_null(value) {
                found += 1;
                fitting += usize::from(self.test.matches(value, context) != self.operator.negated);
            }
        });
        match (&self.test, self.operator.set) {
            (Test::Null(absent), _) => absent.contains(&(found == 0)),
            _ if found == 0 => self.holds_without_key(),
            // AWS: a key of several values needs a set operator, else the condition fails.
            (_, Set::Single) => (found, fitting) == (1, 1),
            (_, Set::ForAnyValue) => fitting > 0,
            (_, Set::ForAllValues) => fitting == found,
        }
    }

    fn holds_without_key(&self) -> bool {
        self.operator.if_exists
            || match self.operator.set {
                Set::Single => self.operator.negated,
                Set::ForAnyValue => false,
                Set::ForAllValues => true,
            }
    }

    /// AWS: to the set operators, and to `Null`, an empty string is no value.
    /// Source: IAM User Guide, "Single-valued vs. multivalued context keys", and "Condition operator to check existence
    /// of condition keys": `Null` with `false` keeps out absent keys and keys with empty values.
    fn is_null(&self, value: Value<'_>) -> bool {
        let skips = self.operator.set != Set::Single || matches!(self.test, Test::Null(_));
        skips && value == Value::Text("")
    }
}

/// Whether a name is that of an operator.
pub(crate) fn is_operator(written: &str) -> bool {
    Operator::parse(written).is_some()
}

/// Whether an operator compares dates.
pub(crate) fn compares_dates(written: &str) -> bool {
    Operator::parse(written).is_some_and(|operator| matches!(operator.kind, Kind::Date(_)))
}
