//! `iam:DeleteGroupPolicy`.
