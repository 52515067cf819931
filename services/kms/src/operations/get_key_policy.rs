//! `kms:GetKeyPolicy`.
