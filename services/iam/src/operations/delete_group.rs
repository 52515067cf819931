//! `iam:DeleteGroup`.
