//! `iam:ListAccessKeys`.
