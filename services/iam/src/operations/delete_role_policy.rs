//! `iam:DeleteRolePolicy`.
