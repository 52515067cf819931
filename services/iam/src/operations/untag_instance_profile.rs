//! `iam:UntagInstanceProfile`.
