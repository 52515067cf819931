//! `iam:GetAccountSummary`.
