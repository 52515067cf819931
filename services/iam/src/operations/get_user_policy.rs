//! `iam:GetUserPolicy`.
