//! `iam:GetGroupPolicy`.
