//! `iam:ListGroupPolicies`.
