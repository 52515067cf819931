//! `kms:ListKeys`.
