//! `iam:GetPolicyVersion`.
