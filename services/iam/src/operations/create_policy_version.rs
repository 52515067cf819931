//! `iam:CreatePolicyVersion`.
