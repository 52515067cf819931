//! Condition operators by name.

use std::cmp::Ordering;

/// An operator with its prefix and suffix, as `ForAnyValue:StringLikeIfExists`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) set: Set,
    pub(crate) kind: Kind,
    /// Whether it is the negation of its kind, as `StringNotEquals`.
    pub(crate) negated: bool,
    /// Whether an absent key fulfils it.
    pub(crate) if_exists: bool,
}

/// How the values of a key are taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    /// The key has one value.
    Single,
    ForAnyValue,
    ForAllValues,
}

/// What is compared and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Arn,
    Numeric(Comparison),
    Date(Comparison),
    Bool,
    Binary,
    Ip,
    Null,
}

/// The key's value against the policy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(crate) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// Names in lower case, with what they mean and whether they negate it.
/// Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
const NAMES: [(&str, Kind, bool); 27] = [
    ("stringequals", Kind::StringEquals, false),
    ("stringnotequals", Kind::StringEquals, true),
    (
        "stringequalsignorecase",
        Kind::StringEqualsIgnoreCase,
        false,
    ),
    (
        "stringnotequalsignorecase",
        Kind::StringEqualsIgnoreCase,
        true,
    ),
    ("stringlike", Kind::StringLike, false),
    ("stringnotlike", Kind::StringLike, true),
    ("numericequals", Kind::Numeric(Comparison::Equal), false),
    ("numericnotequals", Kind::Numeric(Comparison::Equal), true),
    ("numericlessthan", Kind::Numeric(Comparison::Less), false),
    (
        "numericlessthanequals",
        Kind::Numeric(Comparison::LessOrEqual),
        false,
    ),
    (
        "numericgreaterthan",
        Kind::Numeric(Comparison::Greater),
        false,
    ),
    (
        "numericgreaterthanequals",
        Kind::Numeric(Comparison::GreaterOrEqual),
        false,
    ),
    ("dateequals", Kind::Date(Comparison::Equal), false),
    ("datenotequals", Kind::Date(Comparison::Equal), true),
    ("datelessthan", Kind::Date(Comparison::Less), false),
    (
        "datelessthanequals",
        Kind::Date(Comparison::LessOrEqual),
        false,
    ),
    ("dategreaterthan", Kind::Date(Comparison::Greater), false),
    (
        "dategreaterthanequals",
        Kind::Date(Comparison::GreaterOrEqual),
        false,
    ),
    ("bool", Kind::Bool, false),
    ("binaryequals", Kind::Binary, false),
    ("ipaddress", Kind::Ip, false),
    ("notipaddress", Kind::Ip, true),
    ("arnequals", Kind::Arn, false),
    ("arnnotequals", Kind::Arn, true),
    ("arnlike", Kind::Arn, false),
    ("arnnotlike", Kind::Arn, true),
    ("null", Kind::Null, false),
];

impl Operator {
    /// Reads a name without regard to case; `None` for what is no operator.
    pub(crate) fn parse(written: &str) -> Option<Self> {
        let lower = written.to_ascii_lowercase();
        let (set, base) = match lower.split_once(':') {
            None => (Set::Single, lower.as_str()),
            Some(("foranyvalue", base)) => (Set::ForAnyValue, base),
            Some(("forallvalues", base)) => (Set::ForAllValues, base),
            Some(_) => return None,
        };
        let without_suffix = base.strip_suffix("ifexists");
        let base = without_suffix.unwrap_or(base);
        let (_, kind, negated) = NAMES.into_iter().find(|(name, ..)| *name == base)?;
        let plain = set == Set::Single && without_suffix.is_none();
        (kind != Kind::Null || plain).then_some(Self {
            set,
            kind,
            negated,
            if_exists: without_suffix.is_some(),
        })
    }

    /// Whether policy variables count in the operator's values.
    pub(crate) fn takes_variables(self) -> bool {
        matches!(
            self.kind,
            Kind::StringEquals | Kind::StringEqualsIgnoreCase | Kind::StringLike | Kind::Arn
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let operator = |set, kind, negated, if_exists| {
            Some(Operator {
                set,
                kind,
                negated,
                if_exists,
            })
        };
        for (written, expected) in [
            (
                "StringEquals",
                operator(Set::Single, Kind::StringEquals, false, false),
            ),
            (
                "stringequals",
                operator(Set::Single, Kind::StringEquals, false, false),
            ),
            (
                "ArnNotLikeIfExists",
                operator(Set::Single, Kind::Arn, true, true),
            ),
            (
                "ForAllValues:StringLike",
                operator(Set::ForAllValues, Kind::StringLike, false, false),
            ),
            (
                "ForAnyValue:NotIpAddressIfExists",
                operator(Set::ForAnyValue, Kind::Ip, true, true),
            ),
            ("Null", operator(Set::Single, Kind::Null, false, false)),
            ("NullIfExists", None),
            ("ForAnyValue:Null", None),
            ("ForAnyValue::StringEquals", None),
            ("ForSomeValues:StringEquals", None),
            ("StringEqualsIfExistsIfExists", None),
            ("StringNotBool", None),
            ("", None),
        ] {
            assert_eq!(Operator::parse(written), expected, "{written}");
        }
    }
}
