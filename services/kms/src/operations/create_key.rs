//! `kms:CreateKey`.
