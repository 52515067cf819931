//! `iam:UntagPolicy`.
