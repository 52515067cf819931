//! What only the engine on disk can get wrong: crashes, damaged files, failing disks.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod crash;
mod damage;
mod failure;
mod written;

use crypto::KeyRing;
use std::path::Path;
use std::sync::Arc;
use storage::{
    Batch, CommitError, Embedded, Engine, Key, Place, Settings, StorageError, Version, Write,
};

/// Rows leave memory all the time.
fn draining() -> Settings {
    Settings {
        layer_bytes: 2000,
        log_bytes: 24 << 10,
        ..Settings::default()
    }
}

fn keys() -> Arc<KeyRing> {
    Arc::new(KeyRing::ephemeral().unwrap())
}

fn open(folder: &Path, keys: &Arc<KeyRing>) -> Result<Embedded, StorageError> {
    Embedded::open(folder, Arc::clone(keys))
}

fn place(name: &str) -> Place {
    Place::of("t", &Key::root().then(name))
}

async fn put(engine: &Embedded, rows: &[(&str, &str)]) -> Result<Version, CommitError> {
    let writes = rows.iter().map(|(name, text)| Write {
        place: place(name),
        bytes: Some(text.as_bytes().into()),
    });
    engine
        .commit(
            Batch {
                expected: vec![],
                writes: writes.collect(),
            },
            Box::new(|_| {}),
        )
        .await
}

async fn read(engine: &Embedded, name: &str) -> Option<String> {
    let found = engine.get(&place(name)).await.unwrap().found;
    found.map(|row| String::from_utf8(row.bytes.to_vec()).unwrap())
}

/// Copies the files of a folder as they lie there.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let entries = std::fs::read_dir(from)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    for path in entries.filter(|path| path.is_file()) {
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// The log that is being written.
fn latest_log(folder: &Path) -> std::path::PathBuf {
    let logs = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let numbered = |path: &std::path::PathBuf| {
        path.extension()
            .is_some_and(|number| number.to_str().unwrap().parse::<u64>().is_ok())
    };
    logs.filter(numbered).max().unwrap()
}
