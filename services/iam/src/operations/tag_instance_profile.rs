//! `iam:TagInstanceProfile`.
