//! `iam:UpdateUser`.
