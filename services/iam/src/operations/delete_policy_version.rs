//! `iam:DeletePolicyVersion`.
