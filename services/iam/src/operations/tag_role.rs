//! `iam:TagRole`.
