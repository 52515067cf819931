//! `iam:ListRoles`.
