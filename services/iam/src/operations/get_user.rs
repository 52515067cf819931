//! `iam:GetUser`.
