//! `iam:ListAttachedGroupPolicies`.
