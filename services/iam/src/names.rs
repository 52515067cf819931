//! Names and paths, beyond what the model tells of them.

use identity::Role;
use pipeline::Failure;

use crate::errors;

/// Paths that AWS keeps for the roles of its services and of itself: policies of organizations exempt them.
const RESERVED: [&str; 2] = [Role::LINKED_TO_SERVICE, "/aws-reserved/"];

/// The path of an entity that is made without one. AWS: "If it is not included, it defaults to a slash (/)."
pub(crate) fn path(given: &Option<String>) -> &str {
    given.as_deref().unwrap_or("/")
}

/// Refuses a path that would let an ARN look like another's: its parts are set apart by colons, and policies compare
/// it with patterns.
pub(crate) fn check_path(path: &str) -> Result<(), Failure> {
    match path.contains([':', '*', '?', '$']) || path.contains("//") {
        true => Err(errors::invalid_path()),
        false => Ok(()),
    }
}

/// Refuses the path of a role that only AWS makes.
pub(crate) fn check_role_path(path: &str) -> Result<(), Failure> {
    let lower = path.to_ascii_lowercase();
    let reserved = RESERVED.iter().find(|prefix| lower.starts_with(*prefix));
    reserved.map_or(Ok(()), |prefix| Err(errors::reserved_path(prefix)))
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

    #[test]
    fn paths() {
        for (path, valid) in [
            ("/", true),
            ("/team/a-b_c.d,e=f@g+h/", true),
            ("/x:role/", false),
            ("/x*/", false),
            ("/x?/", false),
            ("/${*}/", false),
            ("/a//b/", false),
        ] {
            assert_eq!(check_path(path).is_ok(), valid, "{path}");
        }
        for (path, valid) in [
            ("/", true),
            ("/service-role/", true),
            ("/aws-service-role/x.amazonaws.com/", false),
            ("/AWS-Service-Role/x/", false),
            ("/aws-reserved/sso.amazonaws.com/", false),
        ] {
            assert_eq!(check_role_path(path).is_ok(), valid, "{path}");
        }
    }
}
