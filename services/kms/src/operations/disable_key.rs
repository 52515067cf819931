//! `kms:DisableKey`.
