//! `iam:ListPolicyVersions`.
