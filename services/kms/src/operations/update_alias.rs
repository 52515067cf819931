//! `kms:UpdateAlias`.
