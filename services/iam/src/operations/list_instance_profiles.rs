//! `iam:ListInstanceProfiles`.
