//! `iam:GetRole`.
