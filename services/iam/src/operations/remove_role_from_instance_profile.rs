//! `iam:RemoveRoleFromInstanceProfile`.
