//! `kms:Encrypt`.
