//! `keyring.json`: the wrapped master key on disk.

use crate::{RootError, RootKind, Wrapped};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const FORMAT: u32 = 1;
/// A longer file is no key ring, and is not read to its end.
const LARGEST_FILE_BYTES: u64 = 64 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKeyRing {
    format: u32,
    root: Wrapped,
}

/// Which kind of root key opens the key ring at `path`; none if there is no key ring yet.
pub fn stored_root_kind(path: &Path) -> Result<Option<RootKind>, RootError> {
    match read(path) {
        Ok(wrapped) => Ok(Some(wrapped.kind())),
        Err(RootError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(other) => Err(other),
    }
}

/// Writes a new key ring file, whole and on disk when this returns. [`RootError::Exists`] if there is one.
pub(crate) fn create(path: &Path, root: Wrapped) -> Result<(), RootError> {
    let malformed = |_| RootError::Malformed {
        path: path.to_path_buf(),
        reason: "it cannot be written as JSON",
    };
    let mut text = serde_json::to_vec_pretty(&StoredKeyRing {
        format: FORMAT,
        root,
    })
    .map_err(malformed)?;
    text.push(b'\n');
    write_new(path, &text).map_err(RootError::io(path))
}

/// Reads a key ring file.
pub(crate) fn read(path: &Path) -> Result<Wrapped, RootError> {
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
    if stored.format == FORMAT {
        Ok(stored.root)
    } else {
        Err(malformed("its format is of another version"))
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
    if let Err(refused) = renameat_with(CWD, &unfinished, CWD, path, RenameFlags::NOREPLACE) {
        fs::remove_file(&unfinished)?;
        return Err(refused.into());
    }
    sync_folder_of(path)
}
