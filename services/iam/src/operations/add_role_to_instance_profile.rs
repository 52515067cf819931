//! `iam:AddRoleToInstanceProfile`.
