//! Files that last.

use crate::StorageError;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// Lets the disk fail on purpose, for tests of what happens then.
#[derive(Debug, Default)]
pub struct Faults {
    failing_syncs: AtomicU32,
    failing_drains: AtomicU32,
}

impl Faults {
    /// The next `count` times the log is synced, the disk reports a failure.
    pub fn fail_syncs(&self, count: u32) {
        self.failing_syncs.store(count, Ordering::SeqCst);
    }

    /// The next `count` times rows are handed to redb, the disk is full.
    pub fn fail_drains(&self, count: u32) {
        self.failing_drains.store(count, Ordering::SeqCst);
    }

    pub(super) fn sync(&self, file: &File) -> std::io::Result<()> {
        strike(&self.failing_syncs).and_then(|()| file.sync_data())
    }

    pub(super) fn drain(&self) -> std::io::Result<()> {
        strike(&self.failing_drains)
    }
}

fn strike(failing: &AtomicU32) -> std::io::Result<()> {
    match failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
        left.checked_sub(1)
    }) {
        Ok(_) => Err(std::io::Error::other("told to fail")),
        Err(_) => Ok(()),
    }
}

/// The error of the operating system about `path`.
pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> StorageError + use<> {
    let path = path.display().to_string();
    move |error| StorageError::Disk(format!("{path}: {error}"))
}

/// Keeps every other process out of `folder` for as long as the file is open.
pub(super) fn lock_folder(folder: &Path) -> Result<File, StorageError> {
    let path = folder.join("lock");
    let lock = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(io(&path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StorageError::InUse(folder.to_path_buf())),
        Err(TryLockError::Error(error)) => Err(io(&path)(error)),
    }
}

/// Makes the entries of `folder` last through a crash.
pub(super) fn sync_folder(folder: &Path) -> Result<(), StorageError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(io(folder))
}

/// Writes `start` at the start of the file `unfinished`, which may exist and be longer, and renames it to `path`. Both
/// are on disk when this returns.
pub(super) fn create_file(
    unfinished: &Path,
    path: &Path,
    start: &[u8],
) -> Result<File, StorageError> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(unfinished)
        .map_err(io(unfinished))?;
    file.write_all_at(start, 0)
        .and_then(|()| file.sync_all())
        .map_err(io(unfinished))?;
    fs::rename(unfinished, path).map_err(io(path))?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))?;
    Ok(file)
}
