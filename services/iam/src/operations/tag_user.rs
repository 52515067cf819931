//! `iam:TagUser`.
