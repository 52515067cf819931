//! `iam:PutGroupPolicy`.
