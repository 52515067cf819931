//! `iam:UpdateRole`.
