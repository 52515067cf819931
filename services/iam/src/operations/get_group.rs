//! `iam:GetGroup`.
