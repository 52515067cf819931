//! `kms:TagResource`.
