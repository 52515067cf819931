//! `iam:ListInstanceProfilesForRole`.
