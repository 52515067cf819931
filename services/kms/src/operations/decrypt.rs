//! `kms:Decrypt`.
