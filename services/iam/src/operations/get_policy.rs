//! `iam:GetPolicy`.
