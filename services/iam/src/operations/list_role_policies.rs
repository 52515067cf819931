//! `iam:ListRolePolicies`.
