//! What can go wrong between a record and the disk.

use crate::Unreadable;
use std::path::PathBuf;

/// The store did not answer. Never an empty success.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// A record's bytes are of no known form.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// A row does not open: it was altered, or lies in another place than where it was written.
    #[error("a row of table {table} is not authentic")]
    NotAuthentic {
        /// The row's table.
        table: String,
    },
    /// A record that another one names is not there.
    #[error("a record of table {0} is missing that another one names")]
    Missing(&'static str),
    /// The data folder was written under another key ring.
    #[error("the data in {0} was written under another key ring")]
    OtherKeyRing(PathBuf),
    /// What is on disk is damaged beyond what a crash does. Restore it from a backup.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// Another process has the data folder open.
    #[error("{0} is in use by another process")]
    InUse(PathBuf),
    /// The disk refused, or is full.
    #[error("the store failed: {0}")]
    Disk(String),
    /// An earlier failure of the disk has not been overcome; nothing is written until it is.
    #[error("the store takes no changes since the disk failed: {0}")]
    Halted(String),
    /// Sealing failed.
    #[error(transparent)]
    Module(#[from] crypto::ModuleFailure),
}
