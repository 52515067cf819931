//! `kms:GenerateDataKey`.
