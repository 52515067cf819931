//! `iam:UpdateRoleDescription`.
