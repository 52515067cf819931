//! `iam:CreateAccessKey`.
