//! `kms:GenerateDataKeyWithoutPlaintext`.
