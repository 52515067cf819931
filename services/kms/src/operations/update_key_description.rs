//! `kms:UpdateKeyDescription`.
