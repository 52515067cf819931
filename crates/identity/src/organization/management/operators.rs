//! Operators by which a policy sets values, and which of them the policies below may use.
//!
//! AWS document: AWS Organizations User Guide, "Inheritance operators".

use serde_json::Value as Json;

/// The key under which a policy says what the policies below may do.
pub(super) const CONTROL: &str = "@@operators_allowed_for_child_policies";
/// Sets a value, whatever was inherited.
pub(super) const ASSIGN: &str = "@@assign";
/// Adds to a list.
pub(super) const APPEND: &str = "@@append";
/// Takes from a list.
pub(super) const REMOVE: &str = "@@remove";

/// A set of the operators that set values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operators(u8);

impl Operators {
    /// Every operator: what holds where nobody says otherwise.
    pub(super) const ALL: Self = Self(0b111);
    /// No operator: what is set stays.
    pub(super) const NONE: Self = Self(0);

    fn of(name: &str) -> Option<Self> {
        match name {
            "@@all" => Some(Self::ALL),
            "@@none" => Some(Self::NONE),
            ASSIGN => Some(Self(0b001)),
            APPEND => Some(Self(0b010)),
            REMOVE => Some(Self(0b100)),
            _ => None,
        }
    }

    /// What stands under the control operator: a list of names, of which `@@all` and `@@none` stand alone.
    pub(super) fn parse(json: &Json) -> Option<Self> {
        let names = json.as_array().filter(|names| !names.is_empty())?;
        let mut all = Self::NONE;
        for name in names {
            let name = name.as_str()?;
            if names.len() > 1 && matches!(name, "@@all" | "@@none") {
                return None;
            }
            all = Self(all.0 | Self::of(name)?.0);
        }
        Some(all)
    }

    /// The operators that are in both.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    pub(super) fn has(self, operator: &str) -> bool {
        Self::of(operator).is_some_and(|it| self.0 & it.0 != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_stands_under_the_control_operator() {
        for (json, expected) in [
            (json!(["@@all"]), Some(Operators::ALL)),
            (json!(["@@none"]), Some(Operators::NONE)),
            (
                json!(["@@assign", "@@append", "@@remove"]),
                Some(Operators::ALL),
            ),
            (json!(["@@append", "@@append"]), Operators::of(APPEND)),
            (json!(["@@none", "@@append"]), None),
            (json!(["@@all", "@@append"]), None),
            (json!(["assign"]), None),
            (json!([]), None),
            (json!([1]), None),
            (json!("@@all"), None),
        ] {
            assert_eq!(Operators::parse(&json), expected, "{json}");
        }
        let append = Operators::of(APPEND).unwrap();
        assert!(append.has(APPEND) && !append.has(REMOVE) && !append.has("@@all "));
        assert_eq!(append.and(Operators::of(REMOVE).unwrap()), Operators::NONE);
    }
}
