//! Many callers at once.

use crate::support::{alcazar, encrypt, kms, new_key};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Once DisableKey has answered, no call that begins afterwards uses the key.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_disabled_key_is_disabled_at_once() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    for _ in 0..10 {
        kms(&root, "EnableKey", json!({"KeyId": key})).await.ok();
        let disabled = Arc::new(AtomicBool::new(false));
        let callers: Vec<_> = (0..4)
            .map(|_| {
                let (root, key, disabled) = (root.clone(), key.clone(), disabled.clone());
                tokio::spawn(async move {
                    loop {
                        let began_after = disabled.load(Ordering::SeqCst);
                        let answer = encrypt(&root, &key).await;
                        match answer.status {
                            200 => assert!(!began_after, "a disabled key was used"),
                            _ => {
                                answer.fails("DisabledException");
                            }
                        }
                        if began_after {
                            return;
                        }
                    }
                })
            })
            .collect();
        kms(&root, "DisableKey", json!({"KeyId": key})).await.ok();
        disabled.store(true, Ordering::SeqCst);
        for caller in callers {
            caller.await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_to_one_key_do_not_undo_each_other() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    let changes = (0..24).map(|number| {
        let (root, key) = (root.clone(), key.clone());
        tokio::spawn(async move {
            let tags = json!([{"TagKey": format!("tag{number:02}"), "TagValue": ""}]);
            kms(&root, "TagResource", json!({"KeyId": key, "Tags": tags}))
                .await
                .ok();
            let name = format!("alias/{number:02}");
            kms(
                &root,
                "CreateAlias",
                json!({"AliasName": name, "TargetKeyId": key}),
            )
            .await
            .ok();
        })
    });
    for change in changes.collect::<Vec<_>>() {
        change.await.unwrap();
    }
    let tags = kms(&root, "ListResourceTags", json!({"KeyId": key}))
        .await
        .ok()
        .json()
        .unwrap();
    assert_eq!(tags["Tags"].as_array().unwrap().len(), 24);
    let aliases = kms(&root, "ListAliases", json!({"KeyId": key}))
        .await
        .ok()
        .json()
        .unwrap();
    assert_eq!(aliases["Aliases"].as_array().unwrap().len(), 24);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_name_is_given_once() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let attempts = (0..8).map(|_| {
        let root = root.clone();
        tokio::spawn(async move {
            let key = new_key(&root).await;
            let input = json!({"AliasName": "alias/a", "TargetKeyId": key});
            kms(&root, "CreateAlias", input).await.status == 200
        })
    });
    let mut given = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        given += usize::from(attempt.await.unwrap());
    }
    assert_eq!(given, 1);
    let listed = kms(&root, "ListAliases", json!({}))
        .await
        .ok()
        .json()
        .unwrap();
    assert_eq!(listed["Aliases"].as_array().unwrap().len(), 1);
}

/// However a deletion and its cancellation meet, the key and the queue of deletions agree.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_deletion_and_its_cancellation_meet() {
    let alcazar = Arc::new(alcazar().await);
    let root = alcazar.root();
    for _ in 0..20 {
        let key = new_key(&root).await;
        kms(
            &root,
            "ScheduleKeyDeletion",
            json!({"KeyId": key, "PendingWindowInDays": 7}),
        )
        .await
        .ok();
        alcazar.clock.advance_seconds(7 * 86_400);
        let worker = {
            let alcazar = alcazar.clone();
            tokio::spawn(async move { alcazar.core.run_worker("kms key deletion").await.unwrap() })
        };
        let cancelled = kms(&root, "CancelKeyDeletion", json!({"KeyId": key})).await;
        worker.await.unwrap();
        alcazar.core.run_worker("kms key deletion").await.unwrap();
        let described = kms(&root, "DescribeKey", json!({"KeyId": key})).await;
        match cancelled.status {
            200 => assert_eq!(described.field("/KeyMetadata/KeyState"), "Disabled"),
            _ => {
                described.fails("NotFoundException");
            }
        }
    }
}
