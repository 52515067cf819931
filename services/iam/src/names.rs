//! Names and paths, beyond what the model tells of them.

/// The path of an entity that is made without one. AWS: "If it is not included, it defaults to a slash (/)."
pub(crate) fn path(given: &Option<String>) -> &str {
    given.as_deref().unwrap_or("/")
}

/// Whether two names are one to IAM. AWS: "Names are not distinguished by case."
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_case() {
        assert!(same("Ann", "aNN"));
        assert!(!same("Ann", "Ann2"));
        assert_eq!(path(&None), "/");
        assert_eq!(path(&Some("/a/".into())), "/a/");
    }
}
