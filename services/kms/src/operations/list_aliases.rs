//! `kms:ListAliases`.
