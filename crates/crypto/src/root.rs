//! The root key: what must be there for anything else to open.

use crate::pkcs11::TokenError;
use crate::{Material, ModuleFailure, TokenWrapped};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// Where a root key lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootKind {
    /// In a file outside the data folder.
    KeyFile,
    /// In an operator's head.
    Passphrase,
    /// In a PKCS#11 token.
    Token,
}

impl fmt::Display for RootKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyFile => "key file",
            Self::Passphrase => "passphrase",
            Self::Token => "token",
        })
    }
}

/// The master key, wrapped by a root key, with what is needed to unwrap it. Not secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Wrapped {
    /// By the key of a key file.
    KeyFile {
        /// The sealed master key.
        #[serde(with = "base64_text")]
        master: Vec<u8>,
    },
    /// By a key derived from a passphrase with Argon2id (RFC 9106).
    Passphrase {
        /// Memory the derivation fills, in KiB.
        memory_kib: u32,
        /// How often it goes over that memory.
        passes: u32,
        /// How many lanes it has.
        lanes: u32,
        /// Random, so that equal passphrases give different keys.
        #[serde(with = "base64_text")]
        salt: Vec<u8>,
        /// The sealed master key.
        #[serde(with = "base64_text")]
        master: Vec<u8>,
    },
    /// By a key in a PKCS#11 token.
    Token(TokenWrapped),
}

impl Wrapped {
    /// Which kind of root key unwraps this.
    pub fn kind(&self) -> RootKind {
        match self {
            Self::KeyFile { .. } => RootKind::KeyFile,
            Self::Passphrase { .. } => RootKind::Passphrase,
            Self::Token(_) => RootKind::Token,
        }
    }
}

/// Wraps the master key. The root key itself need not be readable: a token can do this inside.
pub trait RootKey: Send + Sync {
    /// Where the key lives.
    fn kind(&self) -> RootKind;
    /// The master key, wrapped.
    fn wrap(&self, master: &Material) -> Result<Wrapped, RootError>;
    /// The master key again. [`RootError::WrongRoot`] if another root key wrapped it.
    fn unwrap(&self, wrapped: &Wrapped) -> Result<Material, RootError>;
}

/// Why the key ring does not open. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// Another root key wrapped the master key, or the key ring file was altered.
    #[error(
        "this {0} does not open the key ring: it is the wrong one, or the key ring file was altered"
    )]
    WrongRoot(RootKind),
    /// The key ring wants a root key of another kind.
    #[error("the key ring is opened by a {stored}, not by a {offered}")]
    OtherKind {
        /// The kind that made the key ring.
        stored: RootKind,
        /// The kind it was tried with.
        offered: RootKind,
    },
    /// Others may read the key file.
    #[error(
        "{path} may be read by others (mode {mode:03o}): `chmod 600` it, and replace the key if others read it"
    )]
    LooseMode {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file that would be overwritten is there already.
    #[error("{0} exists already and is not overwritten")]
    Exists(PathBuf),
    /// A key file or key ring file that is none.
    #[error("{path} is not readable: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What does not fit; never the content.
        reason: &'static str,
    },
    /// An empty passphrase, or derivation parameters out of bounds.
    #[error("{0}")]
    Refused(&'static str),
    /// The file system said no.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's words.
        source: std::io::Error,
    },
    /// The token does not do its work.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// See [`ModuleFailure`].
    #[error(transparent)]
    Module(#[from] ModuleFailure),
}

impl RootError {
    pub(crate) fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => Self::Exists(path),
            _ => Self::Io { path, source },
        }
    }
}

/// Bytes as text in the key ring file.
pub(crate) mod base64_text {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        STANDARD
            .decode(String::deserialize(deserializer)?)
            .map_err(|_| D::Error::custom("not base64"))
    }
}
