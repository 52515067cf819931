//! `iam:ListAttachedRolePolicies`.
