//! `iam:DeleteUserPermissionsBoundary`.
