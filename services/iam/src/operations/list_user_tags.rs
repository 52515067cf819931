//! `iam:ListUserTags`.
