//! `kms:PutKeyPolicy`.
