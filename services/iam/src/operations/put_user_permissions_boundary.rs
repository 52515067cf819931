//! `iam:PutUserPermissionsBoundary`.
