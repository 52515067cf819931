//! Why a command did not do its work, in words that say what to change.

use std::path::PathBuf;

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{0}")]
    Refused(String),
    #[error("{path}: {source}")]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(transparent)]
    Root(#[from] crypto::RootError),
    #[error(transparent)]
    Storage(#[from] storage::StorageError),
    #[error(transparent)]
    Trail(#[from] pipeline::audit::TrailError),
    #[error(transparent)]
    Account(#[from] pipeline::AccountError),
    #[error(transparent)]
    Function(#[from] rotators::Failure),
    #[error("the server could not go on: {0:?}")]
    Pipeline(pipeline::Failure),
    #[error("TLS could not be set up: {0}")]
    Tls(Box<dyn std::error::Error + Send + Sync>),
}

impl Failure {
    /// For `map_err`: an error about the file at `path`.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        |source| Failure::File { path, source }
    }

    pub(crate) fn tls(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Failure::Tls(error.into())
    }
}
