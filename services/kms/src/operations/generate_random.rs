//! `kms:GenerateRandom`.
