//! `keyring.json`: the wrapped master key on disk.

use crate::{RootError, RootKind, Wrapped};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// One root key opens the key ring.
const FORMAT: u32 = 1;
/// A move of the root key has begun: two open it.
const MOVING: u32 = 2;
/// A longer file is no key ring, and is not read to its end.
const LARGEST_FILE_BYTES: u64 = 64 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKeyRing {
    format: u32,
    root: Wrapped,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<Wrapped>,
}

/// What opens a key ring: one wrapping of the master key, or two while its root key moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRoots {
    /// What opens it.
    pub root: Wrapped,
    /// What opens it too, because a move of the root key was begun and not finished.
    pub next: Option<Wrapped>,
}

impl StoredRoots {
    /// Reads the key ring at `path`; none if there is no key ring yet.
    pub fn read(path: &Path) -> Result<Option<Self>, RootError> {
        match read(path) {
            Ok(roots) => Ok(Some(roots)),
            Err(RootError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// Every wrapping that opens it.
    pub fn all(&self) -> impl Iterator<Item = &Wrapped> {
        [&self.root].into_iter().chain(&self.next)
    }

    /// Whether a root key of this kind opens it.
    pub fn opened_by(&self, kind: RootKind) -> bool {
        self.all().any(|wrapped| wrapped.kind() == kind)
    }
}

/// Writes a new key ring file, whole and on disk when this returns. [`RootError::Exists`] if there is one.
pub(crate) fn create(path: &Path, root: Wrapped) -> Result<(), RootError> {
    let text = text(path, StoredRoots { root, next: None })?;
    write_new(path, &text).map_err(RootError::io(path))
}

/// Puts `roots` in the place of what the key ring file says. A crash leaves the one or the other, whole.
pub(crate) fn replace(path: &Path, roots: StoredRoots) -> Result<(), RootError> {
    let text = text(path, roots)?;
    let write = || {
        let unfinished = write_unfinished(path, &text)?;
        fs::rename(unfinished, path)?;
        sync_folder_of(path)
    };
    write().map_err(RootError::io(path))
}

fn text(path: &Path, roots: StoredRoots) -> Result<Vec<u8>, RootError> {
    let stored = StoredKeyRing {
        format: if roots.next.is_some() { MOVING } else { FORMAT },
        root: roots.root,
        next: roots.next,
    };
    let mut text = serde_json::to_vec_pretty(&stored).map_err(|_| RootError::Malformed {
        path: path.to_path_buf(),
        reason: "it cannot be written as JSON",
    })?;
    text.push(b'\n');
    Ok(text)
}

/// Reads a key ring file.
pub(crate) fn read(path: &Path) -> Result<StoredRoots, RootError> {
    let mut text = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST_FILE_BYTES).read_to_end(&mut text))
        .map_err(RootError::io(path))?;
    let malformed = |reason| RootError::Malformed {
        path: path.to_path_buf(),
        reason,
    };
    let stored: StoredKeyRing = serde_json::from_slice(&text)
        .map_err(|_| malformed("it is not a key ring this version knows"))?;
    match (stored.format, &stored.next) {
        (FORMAT, None) | (MOVING, Some(_)) => Ok(StoredRoots {
            root: stored.root,
            next: stored.next,
        }),
        _ => Err(malformed("its format is of another version")),
    }
}

/// Makes the entry of `path` in its folder last through a crash.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}

/// Writes a file of mode 0600. A crash leaves the whole file or none, and a file that exists is never replaced.
pub(crate) fn write_new(path: &Path, text: &[u8]) -> io::Result<()> {
    let unfinished = write_unfinished(path, text)?;
    if let Err(refused) = renameat_with(CWD, &unfinished, CWD, path, RenameFlags::NOREPLACE) {
        fs::remove_file(&unfinished)?;
        return Err(refused.into());
    }
    sync_folder_of(path)
}

/// Writes the file under another name beside its own, on disk when this returns.
fn write_unfinished(path: &Path, text: &[u8]) -> io::Result<PathBuf> {
    let unfinished = path.with_extension("unfinished");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // A file of that name made by someone else in between is not written to.
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(text)?;
    file.sync_all()?;
    Ok(unfinished)
}
