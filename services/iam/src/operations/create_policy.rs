//! `iam:CreatePolicy`.
