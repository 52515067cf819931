//! `iam:UpdateAccessKey`.
