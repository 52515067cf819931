//! `iam:DeleteInstanceProfile`.
