//! `iam:AttachRolePolicy`.
