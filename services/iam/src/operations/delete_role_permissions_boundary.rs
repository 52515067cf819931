//! `iam:DeleteRolePermissionsBoundary`.
