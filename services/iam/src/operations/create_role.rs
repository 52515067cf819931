//! `iam:CreateRole`.
