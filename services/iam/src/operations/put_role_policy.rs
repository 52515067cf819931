//! `iam:PutRolePolicy`.
