//! `iam:DeleteAccountAlias`.
