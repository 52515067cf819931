//! `iam:CreateUser`.
