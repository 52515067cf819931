//! `iam:ListInstanceProfileTags`.
