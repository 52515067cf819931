//! `iam:UntagUser`.
