//! `iam:ListUserPolicies`.
