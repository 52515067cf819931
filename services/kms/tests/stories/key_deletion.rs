//! A key goes when its time has come, with its names, and what it has sealed is lost.

use crate::support::{alcazar, arn, decrypt, encrypt, kms, new_key};
use harness::{Alcazar, Client};
use serde_json::{Value, json};

const DAY: i64 = 86_400;

async fn run_worker(alcazar: &Alcazar) {
    assert!(alcazar.core.run_worker("kms key deletion").await.unwrap());
}

async fn state(client: &Client, key: &str) -> String {
    let described = kms(client, "DescribeKey", json!({"KeyId": key})).await;
    described.field("/KeyMetadata/KeyState")
}

async fn schedule(client: &Client, key: &str, days: i64) {
    let input = json!({"KeyId": key, "PendingWindowInDays": days});
    kms(client, "ScheduleKeyDeletion", input).await.ok();
}

#[tokio::test]
async fn not_a_second_too_early() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let (key, other) = (new_key(&root).await, new_key(&root).await);
    kms(
        &root,
        "CreateAlias",
        json!({"AliasName": "alias/a", "TargetKeyId": key}),
    )
    .await
    .ok();
    let ciphertext = encrypt(&root, &key).await.ok().field("CiphertextBlob");
    schedule(&root, &key, 7).await;
    schedule(&root, &other, 8).await;

    alcazar.clock.advance_seconds(7 * DAY - 1);
    run_worker(&alcazar).await;
    assert_eq!(state(&root, &key).await, "PendingDeletion");

    alcazar.clock.advance_seconds(1);
    run_worker(&alcazar).await;
    let gone = format!("Key '{}' does not exist", arn(&key));
    kms(&root, "DescribeKey", json!({"KeyId": key}))
        .await
        .fails("NotFoundException")
        .saying(&gone);
    kms(&root, "DescribeKey", json!({"KeyId": "alias/a"}))
        .await
        .fails("NotFoundException");
    kms(&root, "CancelKeyDeletion", json!({"KeyId": key}))
        .await
        .fails("NotFoundException");
    decrypt(&root, &ciphertext)
        .await
        .fails("AccessDeniedException")
        .saying(
            "The ciphertext refers to a customer master key that does not exist, does not exist in \
         this region, or you are not allowed to access.",
        );
    let listed = kms(&root, "ListKeys", json!({})).await.ok().json().unwrap();
    assert_eq!(
        listed["Keys"],
        json!([{"KeyId": other, "KeyArn": arn(&other)}])
    );
    assert_eq!(state(&root, &other).await, "PendingDeletion");
    kms(
        &root,
        "CreateAlias",
        json!({"AliasName": "alias/a", "TargetKeyId": new_key(&root).await}),
    )
    .await
    .ok();
}

#[tokio::test]
async fn the_service_records_what_it_does() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    schedule(&root, &key, 7).await;
    alcazar.clock.advance_seconds(7 * DAY);
    run_worker(&alcazar).await;
    let event = alcazar.event("DeleteKey").await;
    assert_eq!(event["eventType"], "AwsServiceEvent");
    assert_eq!(event["eventSource"], "kms.amazonaws.com");
    assert_eq!(event["resources"][0]["ARN"], arn(&key));
    assert_eq!(event["resources"][0]["type"], "AWS::KMS::Key");
    assert_eq!(event["userIdentity"]["invokedBy"], "AWS Internal");
    assert_eq!(event["recipientAccountId"], "111122223333");
    assert_eq!(event["requestParameters"], Value::Null);
    run_worker(&alcazar).await;
    let events = alcazar.events().await;
    let deleted = events
        .iter()
        .filter(|event| event["eventName"] == "DeleteKey");
    assert_eq!(deleted.count(), 1, "once");
}

#[tokio::test]
async fn a_cancelled_deletion_does_not_come_back() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    let ciphertext = encrypt(&root, &key).await.ok().field("CiphertextBlob");
    schedule(&root, &key, 7).await;
    kms(&root, "CancelKeyDeletion", json!({"KeyId": key}))
        .await
        .ok();
    alcazar.clock.advance_seconds(40 * DAY);
    run_worker(&alcazar).await;
    assert_eq!(state(&root, &key).await, "Disabled");
    kms(&root, "EnableKey", json!({"KeyId": key})).await.ok();
    decrypt(&root, &ciphertext).await.ok();

    schedule(&root, &key, 30).await;
    alcazar.clock.advance_seconds(29 * DAY);
    run_worker(&alcazar).await;
    assert_eq!(state(&root, &key).await, "PendingDeletion");
    alcazar.clock.advance_seconds(DAY);
    run_worker(&alcazar).await;
    assert_eq!(state(&root, &key).await, "");
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_by_then_stays() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let (old, new) = (new_key(&root).await, new_key(&root).await);
    kms(
        &root,
        "CreateAlias",
        json!({"AliasName": "alias/a", "TargetKeyId": old}),
    )
    .await
    .ok();
    schedule(&root, &old, 7).await;
    kms(
        &root,
        "UpdateAlias",
        json!({"AliasName": "alias/a", "TargetKeyId": new}),
    )
    .await
    .ok();
    alcazar.clock.advance_seconds(7 * DAY);
    run_worker(&alcazar).await;
    assert_eq!(state(&root, &old).await, "");
    assert_eq!(state(&root, "alias/a").await, "Enabled");
}

#[tokio::test]
async fn many_keys_at_once_in_every_account_and_region() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let clients = [root.clone(), root.region("eu-west-1"), alcazar.other_root()];
    let input = json!({});
    for client in &clients {
        for _ in 0..100 {
            schedule(client, &new_key(client).await, 7).await;
        }
    }
    alcazar.clock.advance_seconds(8 * DAY);
    run_worker(&alcazar).await;
    for client in &clients {
        let listed = kms(client, "ListKeys", input.clone()).await.ok();
        assert_eq!(listed.field("Keys"), "[]");
    }
}
