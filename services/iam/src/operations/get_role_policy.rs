//! `iam:GetRolePolicy`.
