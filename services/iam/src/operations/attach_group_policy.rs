//! `iam:AttachGroupPolicy`.
