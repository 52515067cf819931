//! `kms:CancelKeyDeletion`.
