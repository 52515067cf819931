//! `iam:ListPolicyTags`.
