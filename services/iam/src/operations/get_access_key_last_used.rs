//! `iam:GetAccessKeyLastUsed`.
