//! `iam:ListAttachedUserPolicies`.
