//! `iam:PutUserPolicy`.
