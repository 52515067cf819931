//! Policy variables: `${aws:username}` and `${aws:PrincipalTag/team, 'company-wide'}`.

use crate::context::{ConditionKey, Context};
use crate::text::with_text;

/// A variable in a pattern. Source: IAM User Guide, "IAM policy elements: Variables and tags".
#[derive(Debug)]
pub(crate) struct Variable {
    key: ConditionKey,
    default: Option<Box<str>>,
}

impl Variable {
    /// Reads what stands between `${` and `}`.
    pub(crate) fn parse(inner: &str) -> Self {
        let (name, default) = name_and_default(inner);
        Self {
            key: ConditionKey::new(name),
            default: default.map(Into::into),
        }
    }

    /// Answers what `then` answers to the variable's value, or false where it has none: the key
    /// is absent and there is no default, or it has several values.
    pub(crate) fn resolve(
        &self,
        context: &dyn Context,
        then: &mut dyn FnMut(&str) -> bool,
    ) -> bool {
        let (mut values, mut answer) = (0_usize, false);
        context.values(&self.key, &mut |value| {
            values += 1;
            if values == 1 {
                answer = with_text(value, &mut *then).unwrap_or(false);
            }
        });
        match (values, &self.default) {
            (0, Some(default)) => then(default),
            (1, _) => answer,
            _ => false,
        }
    }
}

/// The key as written and the default, if there is one, of what stands between `${` and `}`.
pub(crate) fn name_and_default(inner: &str) -> (&str, Option<&str>) {
    let with_default = inner.split_once(',').and_then(|(name, default)| {
        let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
        Some((name.trim(), Some(default)))
    });
    with_default.unwrap_or((inner.trim(), None))
}
