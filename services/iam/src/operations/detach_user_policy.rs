//! `iam:DetachUserPolicy`.
