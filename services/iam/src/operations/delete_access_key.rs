//! `iam:DeleteAccessKey`.
