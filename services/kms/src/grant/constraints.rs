//! What must hold of a request before a grant permits it.
//!
//! AWS document: AWS KMS Developer Guide, "Using grant constraints".

use std::collections::BTreeMap;

use kms_api::shapes::GrantConstraints;
use pipeline::Failure;

use crate::encryption_context::Given;
use crate::errors;

/// Pairs that a constraint on the encryption context may have.
const MOST_PAIRS: usize = 8;
/// Characters that the value of such a pair may have.
const LONGEST_VALUE: usize = 384;

/// The constraints of a grant.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Constraints {
    /// On the encryption context.
    pub(crate) context: Option<ContextConstraint>,
    /// The resource on whose behalf a service must call.
    pub(crate) source_arn: Option<String>,
}

/// A constraint on the encryption context, of one pair at least.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ContextConstraint {
    /// The context has these pairs and no other.
    Equals(BTreeMap<String, String>),
    /// The context has these pairs.
    Subset(BTreeMap<String, String>),
}

impl Constraints {
    /// Reads what a caller gives. AWS: an empty map is as good as none.
    pub(crate) fn read(given: &Option<GrantConstraints>) -> Result<Self, Failure> {
        let Some(given) = given else {
            return Ok(Self::default());
        };
        let some = |pairs: &Given| pairs.clone().filter(|pairs| !pairs.is_empty());
        let equals = some(&given.encryption_context_equals);
        let context = match (equals, some(&given.encryption_context_subset)) {
            (Some(_), Some(_)) => return Err(errors::two_context_constraints()),
            (Some(pairs), None) => Some(ContextConstraint::Equals(pairs)),
            (None, Some(pairs)) => Some(ContextConstraint::Subset(pairs)),
            (None, None) => None,
        };
        if let Some(context) = &context {
            context.check()?;
        }
        Ok(Self {
            context,
            source_arn: given.source_arn.clone(),
        })
    }

    /// As the wire has them; none for a grant without.
    pub(crate) fn shape(&self) -> Option<GrantConstraints> {
        let (equals, subset) = match &self.context {
            Some(ContextConstraint::Equals(pairs)) => (Some(pairs), None),
            Some(ContextConstraint::Subset(pairs)) => (None, Some(pairs)),
            None => (None, None),
        };
        (*self != Self::default()).then(|| GrantConstraints {
            encryption_context_subset: subset.cloned(),
            encryption_context_equals: equals.cloned(),
            source_arn: self.source_arn.clone(),
        })
    }

    /// The pairs of the encryption context, as policies see them.
    pub(crate) fn pairs(&self) -> Given {
        self.context.as_ref().map(|context| context.pairs().clone())
    }

    /// `kms:GrantConstraintType`
    pub(crate) fn name(&self) -> Option<&'static str> {
        self.context.as_ref().map(ContextConstraint::name)
    }

    /// Whether `context` is what they ask for, letter by letter. The conditions of the grant say so too, but names of
    /// condition keys have no case.
    pub(crate) fn allow(&self, context: &Given) -> bool {
        let given = |(name, value)| context.as_ref().and_then(|it| it.get(name)) == Some(value);
        match &self.context {
            None => true,
            Some(ContextConstraint::Equals(pairs)) => context.as_ref() == Some(pairs),
            Some(ContextConstraint::Subset(pairs)) => pairs.iter().all(given),
        }
    }
}

impl ContextConstraint {
    /// What must be in the context.
    pub(crate) fn pairs(&self) -> &BTreeMap<String, String> {
        match self {
            Self::Equals(pairs) | Self::Subset(pairs) => pairs,
        }
    }

    /// Its kind, in AWS's words.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Equals(_) => "EncryptionContextEquals",
            Self::Subset(_) => "EncryptionContextSubset",
        }
    }

    fn check(&self) -> Result<(), Failure> {
        let pairs = self.pairs();
        if pairs.len() > MOST_PAIRS {
            return Err(errors::too_many_constraint_pairs(MOST_PAIRS));
        }
        let long = |value: &String| value.chars().count() > LONGEST_VALUE;
        match pairs.values().any(long) {
            true => Err(errors::long_constraint_value(LONGEST_VALUE)),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(given: &[(&str, &str)]) -> BTreeMap<String, String> {
        let given = given.iter();
        given
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect()
    }

    fn context(constraint: Option<ContextConstraint>) -> Constraints {
        Constraints {
            context: constraint,
            source_arn: None,
        }
    }

    #[test]
    fn contexts_letter_by_letter() {
        let equals = |given: &[_]| context(Some(ContextConstraint::Equals(pairs(given))));
        let subset = |given: &[_]| context(Some(ContextConstraint::Subset(pairs(given))));
        for (constraints, given, allowed) in [
            (context(None), &[][..], true),
            (context(None), &[("a", "1")], true),
            (equals(&[("a", "1")]), &[("a", "1")], true),
            (equals(&[("a", "1")]), &[("A", "1")], false),
            (equals(&[("a", "1")]), &[("a", "1"), ("b", "2")], false),
            (
                equals(&[("a", "1"), ("A", "2")]),
                &[("a", "2"), ("A", "1")],
                false,
            ),
            (equals(&[("a", "1")]), &[], false),
            (subset(&[("a", "1")]), &[("a", "1"), ("b", "2")], true),
            (subset(&[("a", "1")]), &[("a", "2"), ("A", "1")], false),
            (subset(&[("a", "1"), ("b", "2")]), &[("a", "1")], false),
            (subset(&[("a", "*")]), &[("a", "1")], false),
            (subset(&[("a", "1")]), &[], false),
        ] {
            let given = (!given.is_empty()).then(|| pairs(given));
            assert_eq!(
                constraints.allow(&given),
                allowed,
                "{constraints:?} {given:?}"
            );
        }
    }

    #[test]
    fn what_a_caller_may_give() {
        let many: Vec<String> = (0..9).map(|number| number.to_string()).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "v")).collect();
        let long = "é".repeat(LONGEST_VALUE);
        let longer = format!("{long}x");
        for (equals, subset, name) in [
            (&[][..], &[][..], Some(None)),
            (&[("a", "1")], &[], Some(Some("EncryptionContextEquals"))),
            (&[], &[("a", "1")], Some(Some("EncryptionContextSubset"))),
            (&[("a", "1")], &[("a", "1")], None),
            (&many[1..], &[], Some(Some("EncryptionContextEquals"))),
            (&many, &[], None),
            (&[], &many, None),
            (&[], &[("a", &long)], Some(Some("EncryptionContextSubset"))),
            (&[], &[("a", &longer)], None),
        ] {
            let given = GrantConstraints {
                encryption_context_equals: Some(pairs(equals)),
                encryption_context_subset: Some(pairs(subset)),
                source_arn: None,
            };
            let read = Constraints::read(&Some(given)).ok();
            assert_eq!(read.map(|read| read.name()), name, "{equals:?} {subset:?}");
        }
    }
}
