//! `iam:CreateAccountAlias`.
