//! `iam:DetachGroupPolicy`.
