//! `iam:DeletePolicy`.
