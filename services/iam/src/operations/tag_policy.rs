//! `iam:TagPolicy`.
