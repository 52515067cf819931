//! Files that no crash leaves: the store does not open, and says so.

use crate::{copy, keys, latest_log, open, put, read};
use std::fs;
use std::sync::Arc;
use storage::{Embedded, Settings, StorageError};

#[tokio::test]
async fn a_damaged_middle_is_no_torn_tail() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys();
    {
        let engine = open(folder.path(), &keys).unwrap();
        for number in 0..5 {
            put(&engine, &[(&number.to_string(), "x")]).await.unwrap();
        }
    }
    let whole = fs::read(latest_log(folder.path())).unwrap();
    assert_eq!(whole.len(), 6 * 4096);
    for block in 0..6 {
        for at in [0, 8, 20] {
            let image = tempfile::tempdir().unwrap();
            copy(folder.path(), image.path());
            let mut damaged = whole.clone();
            damaged[block * 4096 + at] ^= 1;
            fs::write(latest_log(image.path()), &damaged).unwrap();
            match open(image.path(), &keys) {
                Err(StorageError::Damaged { .. }) => {
                    assert!(block < 5, "the last group may be torn")
                }
                Err(other) => panic!("{other}"),
                Ok(engine) => {
                    assert_eq!(block, 5, "byte {at} of block {block} went unnoticed");
                    assert_eq!(read(&engine, "3").await.as_deref(), Some("x"));
                    assert_eq!(read(&engine, "4").await, None);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_missing_log_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys();
    for _ in 0..3 {
        let engine = open(folder.path(), &keys).unwrap();
        put(&engine, &[("a", "x")]).await.unwrap();
    }
    fs::remove_file(latest_log(folder.path())).unwrap();
    assert!(matches!(
        open(folder.path(), &keys),
        Err(StorageError::Damaged { .. })
    ));
}

#[tokio::test]
async fn a_log_of_another_time_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys();
    for _ in 0..2 {
        let engine = open(folder.path(), &keys).unwrap();
        put(&engine, &[("a", "x")]).await.unwrap();
    }
    let old = fs::read(latest_log(folder.path())).unwrap();
    {
        let engine = open(folder.path(), &keys).unwrap();
        put(&engine, &[("a", "y")]).await.unwrap();
    }
    fs::write(latest_log(folder.path()), old).unwrap();
    assert!(matches!(
        open(folder.path(), &keys),
        Err(StorageError::Damaged { .. })
    ));
}

#[tokio::test]
async fn another_key_ring_opens_nothing_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let right = keys();
    {
        let engine = open(folder.path(), &right).unwrap();
        put(&engine, &[("a", "x")]).await.unwrap();
    }
    let log = fs::read(latest_log(folder.path())).unwrap();
    assert!(matches!(
        open(folder.path(), &keys()),
        Err(StorageError::OtherKeyRing(_))
    ));
    assert_eq!(fs::read(latest_log(folder.path())).unwrap(), log);
    assert_eq!(
        read(&open(folder.path(), &right).unwrap(), "a")
            .await
            .as_deref(),
        Some("x")
    );
}

#[tokio::test]
async fn two_processes_do_not_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys();
    let first = open(folder.path(), &keys).unwrap();
    assert!(matches!(
        open(folder.path(), &keys),
        Err(StorageError::InUse(_))
    ));
    put(&first, &[("a", "x")]).await.unwrap();
    drop(first);
    assert!(open(folder.path(), &keys).is_ok());
}

/// Spent logs are given up, so a store that is written over and over stays small.
#[tokio::test]
async fn spent_logs_do_not_pile_up() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        layer_bytes: 500,
        log_bytes: 8 << 10,
        ..Settings::default()
    };
    {
        let engine = Embedded::open_with(folder.path(), Arc::clone(&keys()), settings).unwrap();
        for number in 0..200 {
            put(&engine, &[("same", &number.to_string())])
                .await
                .unwrap();
        }
    }
    let files: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(files.len() <= 4, "{files:?}");
}
