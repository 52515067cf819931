//! `kms:UntagResource`.
