//! `kms:ReEncrypt`.
