//! `kms:CreateAlias`.
