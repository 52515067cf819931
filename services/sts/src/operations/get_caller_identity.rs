//! `sts:GetCallerIdentity`.
