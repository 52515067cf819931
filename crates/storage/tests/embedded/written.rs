//! What became of commits, in numbers.

use super::{keys, open, place, put};
use storage::{Batch, Engine, Expected, Settings, Write, Written};

#[tokio::test]
async fn commits_are_counted_by_what_became_of_them() {
    let (folder, keys) = (tempfile::tempdir().unwrap(), keys());
    let settings = Settings::default();
    let faults = settings.faults.clone();
    let engine = storage::Embedded::open_with(folder.path(), keys.clone(), settings).unwrap();
    assert_eq!(engine.written(), Written::default());
    put(&engine, &[("a", "one"), ("b", "one")]).await.unwrap();
    let one = Written {
        kept: 1,
        groups: 1,
        bytes: 4096,
        ..Written::default()
    };
    assert_eq!(engine.written(), one);
    let nothing = Batch {
        expected: vec![Expected::Row {
            place: place("a"),
            version: None,
            as_of: None,
        }],
        writes: vec![Write {
            place: place("c"),
            bytes: None,
        }],
    };
    let refused = engine.commit(nothing, Box::new(|_| {})).await;
    refused.unwrap_err();
    let conflicts = Written {
        conflicts: 1,
        ..one
    };
    assert_eq!(engine.written(), conflicts);
    faults.fail_syncs(1);
    put(&engine, &[("a", "two")]).await.unwrap_err();
    let failed = Written {
        failed: 1,
        ..conflicts
    };
    assert_eq!(engine.written(), failed);
    drop(engine);
    let engine = open(folder.path(), &keys).unwrap();
    assert_eq!(engine.written(), Written::default());
}

#[tokio::test]
async fn commits_of_a_group_share_a_write() {
    let (folder, keys) = (tempfile::tempdir().unwrap(), keys());
    let engine = open(folder.path(), &keys).unwrap();
    let commit = |name: &'static str| {
        let writes = vec![Write {
            place: place(name),
            bytes: Some((*b"row").into()),
        }];
        let batch = Batch {
            expected: vec![],
            writes,
        };
        engine.commit(batch, Box::new(|_| {}))
    };
    let mut all = Vec::new();
    for name in ["a", "b", "c", "d"] {
        all.extend((0..100).map(|_| commit(name)));
    }
    for one in all {
        one.await.unwrap();
    }
    let written = engine.written();
    assert_eq!(written.kept, 400);
    assert!((1..=400).contains(&written.groups), "{written:?}");
    assert_eq!(written.bytes % 4096, 0);
    assert!(written.bytes >= 4096 * written.groups);
}
