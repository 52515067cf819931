//! `iam:DeleteUser`.
