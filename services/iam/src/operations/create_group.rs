//! `iam:CreateGroup`.
