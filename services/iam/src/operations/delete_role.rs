//! `iam:DeleteRole`.
