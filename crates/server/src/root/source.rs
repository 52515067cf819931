//! A root key that is named but not yet there.

use std::path::PathBuf;

use base::Secret;
use crypto::pkcs11::{Pin, TokenPlace};
use crypto::{KeyFile, Passphrase, RootError, RootKey, RootKind, StoredRoots, TokenRoot};

/// What is needed to come by a root key. Hides its secrets in `Debug`.
#[derive(Debug)]
pub(crate) enum RootSource {
    KeyFile(PathBuf),
    Passphrase(Secret<String>),
    Token {
        place: TokenPlace,
        key: String,
        pin: Pin,
    },
}

impl RootSource {
    pub(super) fn kind(&self) -> RootKind {
        match self {
            Self::KeyFile(_) => RootKind::KeyFile,
            Self::Passphrase(_) => RootKind::Passphrase,
            Self::Token { .. } => RootKind::Token,
        }
    }

    /// The root key as it is. Nothing is made.
    pub(super) fn open(&self) -> Result<Box<dyn RootKey>, RootError> {
        Ok(match self {
            Self::KeyFile(path) => Box::new(KeyFile::open(path)?),
            Self::Passphrase(text) => Box::new(Passphrase::new(text.clone())?),
            Self::Token { .. } => Box::new(self.token()?),
        })
    }

    /// The root key, made where it is not there: at first run.
    pub(super) fn make(&self) -> Result<Box<dyn RootKey>, RootError> {
        Ok(match self {
            Self::KeyFile(path) if !path.exists() => Box::new(KeyFile::create(path)?),
            Self::KeyFile(_) | Self::Passphrase(_) => self.open()?,
            Self::Token { .. } => {
                let token = self.token()?;
                token.ensure_key()?;
                Box::new(token)
            }
        })
    }

    /// The root key that another is moved to: made where it is not there. A key file that is there may be known to
    /// others; only one that a move which was cut short had made is taken.
    pub(super) fn make_for(&self, stored: &StoredRoots) -> Result<Box<dyn RootKey>, RootError> {
        let Self::KeyFile(path) = self else {
            return self.make();
        };
        match KeyFile::create(path) {
            Err(RootError::Exists(path)) => {
                let there = KeyFile::open(&path)?;
                match stored.next.as_ref().map(|next| there.unwrap(next)) {
                    Some(Ok(_)) => Ok(Box::new(there)),
                    _ => Err(RootError::Exists(path)),
                }
            }
            made => Ok(Box::new(made?)),
        }
    }

    fn token(&self) -> Result<TokenRoot, RootError> {
        match self {
            Self::Token { place, key, pin } => {
                Ok(TokenRoot::new(place.clone(), key.clone(), pin.clone()))
            }
            _ => Err(RootError::Refused("this root key is in no token")),
        }
    }

    /// Which it is, in words.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::KeyFile(path) => format!("the key file {}", path.display()),
            Self::Passphrase(_) => "the passphrase".to_owned(),
            Self::Token { place, key, .. } => format!("key {key:?} of token {:?}", place.label),
        }
    }

    /// Why it is not there, and what to do.
    pub(super) fn unreadable(&self, error: &RootError) -> String {
        match self {
            Self::KeyFile(_) => {
                format!("its key file could not be read ({error}); name it with --key-file FILE")
            }
            Self::Passphrase(_) | Self::Token { .. } => error.to_string(),
        }
    }

    /// The options that start the server with it.
    pub(super) fn start_with(&self) -> String {
        match self {
            Self::KeyFile(path) => format!("--root file --key-file {}", path.display()),
            Self::Passphrase(_) => {
                "--root passphrase --passphrase-file FILE (or ALCAZAR_PASSPHRASE set)".to_owned()
            }
            Self::Token { place, key, .. } => format!(
                "--root token --token-module {} --token-label {:?} --token-key {key:?} --token-pin-file FILE (or \
                 ALCAZAR_TOKEN_PIN set, or typed)",
                place.module.display(),
                place.label
            ),
        }
    }
}
