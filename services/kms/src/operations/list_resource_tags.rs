//! `kms:ListResourceTags`.
