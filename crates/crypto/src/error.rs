//! The ways in which cryptography fails.

/// The cryptographic module gave no answer: a failed self test, no memory, a plaintext beyond AES-GCM's limit.
/// Nothing was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic module failed")]
pub struct ModuleFailure;

/// The bytes were not sealed under this key with this context, or were altered since. Says no more on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sealed bytes are not authentic")]
pub struct NotAuthentic;

/// The bytes do not encode a key of the kind that was asked for. Says no more on purpose: they may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not a key of this kind")]
pub struct KeyRejected;

impl From<aws_lc_rs::error::KeyRejected> for KeyRejected {
    fn from(_: aws_lc_rs::error::KeyRejected) -> Self {
        Self
    }
}

impl From<aws_lc_rs::error::Unspecified> for KeyRejected {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

impl From<ModuleFailure> for KeyRejected {
    fn from(_: ModuleFailure) -> Self {
        Self
    }
}

impl From<aws_lc_rs::error::Unspecified> for ModuleFailure {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

impl From<aws_lc_rs::error::Unspecified> for NotAuthentic {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

impl From<ModuleFailure> for NotAuthentic {
    fn from(_: ModuleFailure) -> Self {
        Self
    }
}
