//! The two ways of rotating, and the two names of a user that alternates.
//!
//! Source: AWS Secrets Manager User Guide, "AWS Secrets Manager Lambda rotation strategies".

use crate::engine::Engine;
use crate::failure::Failure;

/// How a rotation goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strategy {
    /// The user changes its own password.
    SingleUser,
    /// A superuser gives a new password to whichever of two users is not in use.
    AlternatingUsers,
}

const CLONE: &str = "_clone";

/// The other name of a user: with `_clone`, or without.
///
/// # Errors
/// Names that the database would cut or refuse.
pub(crate) fn alternate(engine: Engine, username: &str) -> Result<String, Failure> {
    if let Some(original) = username.strip_suffix(CLONE)
        && !original.is_empty()
    {
        return Ok(original.to_owned());
    }
    let name = format!("{username}{CLONE}");
    match engine.holds_name(&name) {
        true => Ok(name),
        false => Err(Failure::Precondition(format!(
            "the user cannot be cloned: its name with {CLONE} would be longer than the database allows"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn twice_is_the_name_again(name in "\\PC{1,20}") {
            let engine = Engine::PostgreSql;
            let other = alternate(engine, &name);
            prop_assume!(other.is_ok());
            let other = other?;
            prop_assert_ne!(&other, &name);
            // A name that ends in two suffixes goes down to one, and from there on it alternates.
            let down = name.ends_with("_clone_clone");
            prop_assert!(down || alternate(engine, &other)? == name);
        }
    }

    #[test]
    fn names_stay_within_what_the_database_holds() {
        let longest = "a".repeat(63 - CLONE.len());
        let name = alternate(Engine::PostgreSql, &longest).unwrap();
        assert_eq!(name.len(), 63);
        assert_eq!(alternate(Engine::PostgreSql, &name).unwrap(), longest);
        let refused = alternate(Engine::PostgreSql, &format!("{longest}a"));
        assert!(matches!(refused, Err(Failure::Precondition(_))));
        // Bytes count, not letters.
        assert!(alternate(Engine::PostgreSql, &"é".repeat(29)).is_err());
        assert_eq!(
            alternate(Engine::PostgreSql, CLONE).unwrap(),
            "_clone_clone"
        );
    }
}
