//! `iam:ListUsers`.
