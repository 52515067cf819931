//! `sts:GetAccessKeyInfo`.
