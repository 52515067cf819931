//! `iam:DeleteUserPolicy`.
