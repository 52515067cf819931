//! `iam:ListRoleTags`.
