//! `kms:DeleteAlias`.
