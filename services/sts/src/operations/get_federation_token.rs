//! `sts:GetFederationToken`.
