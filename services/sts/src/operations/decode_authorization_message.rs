//! `sts:DecodeAuthorizationMessage`.
