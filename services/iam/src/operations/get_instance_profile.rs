//! `iam:GetInstanceProfile`.
