//! The disk says no.

use crate::{draining, keys, open, put, read};
use std::sync::Arc;
use storage::{CommitError, Embedded, Faults, Settings, StorageError};

#[tokio::test]
async fn a_failed_sync_is_never_acknowledged_and_is_overcome() {
    for settings in [Settings::default(), draining()] {
        let folder = tempfile::tempdir().unwrap();
        let keys = keys();
        let faults = Arc::new(Faults::default());
        let settings = Settings {
            faults: Arc::clone(&faults),
            ..settings
        };
        let engine = Embedded::open_with(folder.path(), Arc::clone(&keys), settings).unwrap();
        for number in 0..30 {
            put(&engine, &[("before", &number.to_string())])
                .await
                .unwrap();
        }
        faults.fail_syncs(1);
        let failed = put(&engine, &[("lost", "x")]).await;
        assert!(
            matches!(failed, Err(CommitError::Failed(StorageError::Disk(_)))),
            "{failed:?}"
        );
        assert_eq!(read(&engine, "lost").await, None);
        assert_eq!(read(&engine, "before").await.as_deref(), Some("29"));

        put(&engine, &[("after", "x")]).await.unwrap();
        assert_eq!(read(&engine, "lost").await, None);
        drop(engine);
        let engine = open(folder.path(), &keys).unwrap();
        assert_eq!(read(&engine, "before").await.as_deref(), Some("29"));
        assert_eq!(read(&engine, "after").await.as_deref(), Some("x"));
        assert_eq!(
            read(&engine, "lost").await,
            None,
            "refused, then left behind by what came after"
        );
    }
}

#[tokio::test]
async fn every_caller_of_a_failed_group_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Arc::new(Faults::default());
    let settings = Settings {
        faults: Arc::clone(&faults),
        ..Settings::default()
    };
    let engine = Arc::new(Embedded::open_with(folder.path(), keys(), settings).unwrap());
    faults.fail_syncs(u32::MAX);
    let calls: Vec<_> = (0..50)
        .map(|number: u32| {
            let engine = Arc::clone(&engine);
            tokio::spawn(async move { put(&engine, &[(&number.to_string(), "x")]).await.is_err() })
        })
        .collect();
    for call in calls {
        assert!(call.await.unwrap());
    }
    faults.fail_syncs(0);
    put(&engine, &[("after", "x")]).await.unwrap();
    for number in 0..50 {
        assert_eq!(read(&engine, &number.to_string()).await, None);
    }
}

/// Redb cannot grow while the log still can: what was acknowledged stays readable and is kept, changes are refused
/// for as long as it lasts.
#[tokio::test]
async fn a_full_disk_behind_the_log_is_overcome() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys();
    let faults = Arc::new(Faults::default());
    let settings = Settings {
        faults: Arc::clone(&faults),
        ..draining()
    };
    let engine = Embedded::open_with(folder.path(), Arc::clone(&keys), settings).unwrap();
    faults.fail_drains(u32::MAX);
    let mut acknowledged = 0;
    let refused = loop {
        match put(&engine, &[(&acknowledged.to_string(), &"x".repeat(500))]).await {
            Ok(_) => acknowledged += 1,
            Err(error) => break error,
        }
    };
    assert!(
        matches!(refused, CommitError::Failed(StorageError::Halted(_))),
        "{refused}"
    );
    assert!(put(&engine, &[("again", "x")]).await.is_err());
    assert!(acknowledged > 0 && read(&engine, "0").await.is_some());

    faults.fail_drains(0);
    put(&engine, &[("after", "x")]).await.unwrap();
    drop(engine);
    let engine = open(folder.path(), &keys).unwrap();
    for number in 0..acknowledged {
        assert!(
            read(&engine, &number.to_string()).await.is_some(),
            "{number} of {acknowledged}"
        );
    }
    assert_eq!(read(&engine, "after").await.as_deref(), Some("x"));
    assert_eq!(read(&engine, "again").await, None);
}
