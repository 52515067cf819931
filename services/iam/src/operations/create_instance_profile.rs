//! `iam:CreateInstanceProfile`.
