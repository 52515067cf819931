//! `kms:EnableKey`.
