//! `iam:UpdateGroup`.
