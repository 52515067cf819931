//! `iam:ListAccountAliases`.
