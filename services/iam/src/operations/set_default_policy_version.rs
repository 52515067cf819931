//! `iam:SetDefaultPolicyVersion`.
