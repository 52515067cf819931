//! `sts:GetSessionToken`.
