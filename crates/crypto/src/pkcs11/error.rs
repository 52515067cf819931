//! Why a token does not do its work, in words that say what to do.

use cryptoki::error::{Error, RvError};
use std::path::PathBuf;

/// Why a token does not do its work. Nothing of Alcazar's has changed.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The module is not there, is not one, or others may write to it.
    #[error("the PKCS#11 module {path} cannot be used: {reason}")]
    Module {
        /// The module.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No slot holds a token of that label.
    #[error(
        "no token labelled {label:?} is there ({present}): attach it, or name another with --token-label"
    )]
    Absent {
        /// What was looked for.
        label: String,
        /// The labels that are there.
        present: String,
    },
    /// Two tokens of one label: which is meant cannot be told.
    #[error(
        "several tokens are labelled {0:?}: give each a label of its own, or detach the others"
    )]
    Ambiguous(String),
    /// The token refused the PIN.
    #[error(
        "token {label:?} refused the PIN{}: correct it before trying again, as tokens lock after some wrong ones",
        if *.low { " and few attempts are left" } else { "" }
    )]
    WrongPin {
        /// The token.
        label: String,
        /// Whether the token says that few attempts are left.
        low: bool,
    },
    /// One more wrong PIN would lock the token, and the PIN on hand is one a machine repeats.
    #[error(
        "token {0:?} has one PIN attempt left, and a PIN from a file or the environment is not tried: start once from a \
         terminal and type it, or have the token's security officer set it anew"
    )]
    LastAttempt(String),
    /// Too many wrong PINs.
    #[error("the PIN of token {0:?} is locked: its security officer must set it anew")]
    Locked(String),
    /// The token wants a PIN to be set, or changed.
    #[error("token {0:?} has no valid user PIN: its security officer must set one")]
    NoPin(String),
    /// The key is not in the token.
    #[error(
        "token {token:?} holds no key labelled {key:?} that opens this: it is another token, or the key was deleted; \
         attach the right one, or restore it from the token's own backup"
    )]
    KeyAbsent {
        /// The token.
        token: String,
        /// The key's label.
        key: String,
    },
    /// A key of that label is there, but must not be relied on.
    #[error("key {key:?} of token {token:?} cannot be used: {reason}")]
    KeyUnfit {
        /// The token.
        token: String,
        /// The key's label.
        key: String,
        /// What does not fit.
        reason: &'static str,
    },
    /// Neither of the ways to wrap a key is known to the token.
    #[error(
        "token {0:?} can do neither AES-GCM, nor AES key wrapping, nor RSA-OAEP: choose another token"
    )]
    NoMechanism(String),
    /// The token did not answer in time.
    #[error(
        "token {0:?} did not answer within {1} seconds: see whether its device or service is up"
    )]
    Silent(String, u64),
    /// The token authenticated what it unwrapped, and it was not what had been wrapped.
    #[error("what was wrapped was altered, or wrapped by another key")]
    NotAuthentic,
    /// Anything else, in the module's words.
    #[error("the token failed: {0}")]
    Failed(String),
}

impl From<Error> for TokenError {
    fn from(error: Error) -> Self {
        match error {
            Error::Pkcs11(
                RvError::EncryptedDataInvalid
                | RvError::EncryptedDataLenRange
                | RvError::WrappedKeyInvalid
                | RvError::WrappedKeyLenRange
                | RvError::SignatureInvalid
                | RvError::SignatureLenRange,
                _,
            ) => Self::NotAuthentic,
            // The library's text is a sentence of the standard; its name and the function tell more.
            Error::Pkcs11(code, function) => Self::Failed(format!("{function} answered {code:?}")),
            other => Self::Failed(other.to_string()),
        }
    }
}
