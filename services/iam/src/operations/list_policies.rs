//! `iam:ListPolicies`.
