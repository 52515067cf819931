//! `iam:PutRolePermissionsBoundary`.
