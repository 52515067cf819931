//! `kms:ListKeyPolicies`.
