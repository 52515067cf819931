//! `iam:UntagRole`.
