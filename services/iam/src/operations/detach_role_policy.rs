//! `iam:DetachRolePolicy`.
