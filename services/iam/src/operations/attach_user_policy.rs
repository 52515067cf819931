//! `iam:AttachUserPolicy`.
