//! Keys get new material in the course of time.

use crate::support::{alcazar, decrypt, encrypt, kms, new_key};
use harness::{Alcazar, Client};
use serde_json::json;
use storage::Mishap;

const DAY: i64 = 86_400;

async fn run(alcazar: &Alcazar) {
    assert!(alcazar.core.run_worker("kms key rotation").await.unwrap());
}

async fn material(client: &Client, key: &str) -> String {
    let described = kms(client, "DescribeKey", json!({"KeyId": key})).await.ok();
    described.field("/KeyMetadata/CurrentKeyMaterialId")
}

async fn next(client: &Client, key: &str) -> i64 {
    let status = kms(client, "GetKeyRotationStatus", json!({"KeyId": key})).await;
    status.ok().field("NextRotationDate").parse().unwrap()
}

async fn enable(client: &Client, key: &str) {
    let input = json!({"KeyId": key, "RotationPeriodInDays": 90});
    kms(client, "EnableKeyRotation", input).await.ok();
}

#[tokio::test]
async fn not_a_second_too_early_and_again_and_again() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let (key, other) = (new_key(&root).await, new_key(&root).await);
    enable(&root, &key).await;
    let first = next(&root, &key).await;
    let (mut materials, mut sealed) = (vec![material(&root, &key).await], Vec::new());
    let unrotated = material(&root, &other).await;
    for round in 0..3 {
        sealed.push(encrypt(&root, &key).await.ok().field("CiphertextBlob"));
        alcazar.clock.advance_seconds(90 * DAY - 1);
        run(&alcazar).await;
        assert_eq!(material(&root, &key).await, materials[round]);
        alcazar.clock.advance_seconds(1);
        run(&alcazar).await;
        run(&alcazar).await;
        materials.push(material(&root, &key).await);
        assert_ne!(materials[round], materials[round + 1]);
        assert_eq!(
            next(&root, &key).await,
            first + (round as i64 + 1) * 90 * DAY
        );
    }
    for (ciphertext, id) in sealed.iter().zip(&materials) {
        let opened = decrypt(&root, ciphertext).await.ok();
        assert_eq!(&opened.field("KeyMaterialId"), id);
    }
    assert_eq!(material(&root, &other).await, unrotated);
    let events = alcazar.events().await;
    let rotations = events
        .iter()
        .filter(|event| event["eventName"] == "RotateKey");
    let rotations: Vec<_> = rotations.collect();
    assert_eq!(rotations.len(), 3);
    assert_eq!(
        rotations[2]["serviceEventDetails"],
        json!({"rotationType": "AUTOMATIC", "keyOrigin": "AWS_KMS", "keyId": key,
            "previousKeyMaterialId": materials[0], "currentKeyMaterialId": materials[1]})
    );
}

#[tokio::test]
async fn a_disabled_key_is_rotated_when_it_is_enabled() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    enable(&root, &key).await;
    let first = material(&root, &key).await;
    for rest in ["DisableKey", "ScheduleKeyDeletion"] {
        kms(&root, rest, json!({"KeyId": key})).await.ok();
        if rest == "DisableKey" {
            alcazar.clock.advance_seconds(100 * DAY);
        }
        run(&alcazar).await;
        assert_eq!(material(&root, &key).await, first, "{rest}");
    }
    for again in ["CancelKeyDeletion", "EnableKey"] {
        kms(&root, again, json!({"KeyId": key})).await.ok();
    }
    run(&alcazar).await;
    assert_ne!(material(&root, &key).await, first);
    let now = alcazar.core.clock.now().seconds();
    assert_eq!(next(&root, &key).await, now + 90 * DAY);
}

#[tokio::test]
async fn what_is_no_longer_planned_does_not_happen() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let (key, gone) = (new_key(&root).await, new_key(&root).await);
    let first = material(&root, &key).await;
    for key in [&key, &gone] {
        enable(&root, key).await;
    }
    kms(&root, "DisableKeyRotation", json!({"KeyId": key}))
        .await
        .ok();
    let input = json!({"KeyId": gone, "PendingWindowInDays": 7});
    kms(&root, "ScheduleKeyDeletion", input).await.ok();
    alcazar.clock.advance_seconds(400 * DAY);
    assert!(alcazar.core.run_worker("kms key deletion").await.unwrap());
    run(&alcazar).await;
    assert_eq!(material(&root, &key).await, first);
}

/// However rotation and use meet, what was sealed opens, and no rotation is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotation_and_use_meet() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    let using = {
        let (root, key) = (root.clone(), key.clone());
        tokio::spawn(async move {
            let mut sealed = Vec::new();
            for _ in 0..100 {
                sealed.push(encrypt(&root, &key).await.ok().field("CiphertextBlob"));
            }
            sealed
        })
    };
    let rotating = (0..12).map(|_| {
        let (root, key) = (root.clone(), key.clone());
        tokio::spawn(async move {
            let input = json!({"KeyId": key});
            kms(&root, "RotateKeyOnDemand", input).await.ok();
        })
    });
    for rotation in rotating.collect::<Vec<_>>() {
        rotation.await.unwrap();
    }
    for ciphertext in using.await.unwrap() {
        decrypt(&root, &ciphertext).await.ok();
    }
    let listed = kms(&root, "ListKeyRotations", json!({"KeyId": key}))
        .await
        .ok();
    let listed = listed.json().unwrap();
    let rotations = listed["Rotations"].as_array().unwrap();
    let mut ids: Vec<_> = rotations
        .iter()
        .map(|entry| entry["KeyMaterialId"].to_string())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 12);
}

/// A store that fails in the middle leaves the key as it was.
#[tokio::test]
async fn a_rotation_is_whole_or_not_at_all() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let input = json!({"MultiRegion": true});
    let made = kms(&root, "CreateKey", input).await.ok();
    let key = made.field("/KeyMetadata/KeyId");
    let there = root.region("eu-west-1");
    let input = json!({"KeyId": key, "ReplicaRegion": "eu-west-1"});
    kms(&root, "ReplicateKey", input).await.ok();
    let first = material(&root, &key).await;
    let sealed = encrypt(&root, &key).await.ok().field("CiphertextBlob");
    alcazar.memory.meet_next(Mishap::Failure);
    kms(&root, "RotateKeyOnDemand", json!({"KeyId": key}))
        .await
        .fails("InternalFailure");
    for client in [&root, &there] {
        assert_eq!(material(client, &key).await, first);
        decrypt(client, &sealed).await.ok();
    }
    let events = alcazar.events().await;
    let rotated = events
        .iter()
        .filter(|event| event["eventName"] == "RotateKey");
    assert_eq!(rotated.count(), 0);
    kms(&root, "RotateKeyOnDemand", json!({"KeyId": key}))
        .await
        .ok();
    assert_eq!(material(&root, &key).await, material(&there, &key).await);
}
