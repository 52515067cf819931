//! AWS's request quotas, on a clock that stands still.

use crate::support::{POWERLESS, create, granted, kms, new_key, new_key_with};
use harness::{Alcazar, Client};
use pipeline::Quotas;
use serde_json::{Value, json};

async fn until_throttled(client: &Client, operation: &str, input: Value) -> usize {
    for passed in 0.. {
        let answer = kms(client, operation, input.clone()).await;
        if answer.status != 200 {
            answer.fails("ThrottlingException");
            return passed;
        }
    }
    unreachable!()
}

#[tokio::test]
async fn each_operation_has_its_own_by_account_and_region() {
    let alcazar = Alcazar::with_quotas(&[&kms::SERVICE], Quotas::Aws).await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    assert_eq!(until_throttled(&root, "CreateKey", json!({})).await, 4);
    assert_eq!(
        until_throttled(&root, "EnableKey", json!({"KeyId": key})).await,
        5
    );
    assert_eq!(
        until_throttled(&root, "ListKeyPolicies", json!({"KeyId": key})).await,
        100
    );
    assert_eq!(
        until_throttled(&root.region("eu-west-1"), "CreateKey", json!({})).await,
        5
    );
    assert_eq!(
        until_throttled(&alcazar.other_root(), "CreateKey", json!({})).await,
        5
    );
    alcazar.clock.advance_seconds(1);
    assert_eq!(until_throttled(&root, "CreateKey", json!({})).await, 5);
    let events = alcazar.events().await;
    let throttled = events
        .iter()
        .filter(|event| event["errorCode"] == "ThrottlingException");
    assert_eq!(throttled.count(), 6, "each is recorded");
}

#[tokio::test]
async fn cryptographic_operations_share_one() {
    let few = [("kms/cryptographic-operations-symmetric".to_owned(), 10)];
    let quotas = Quotas::File(few.into());
    let alcazar = Alcazar::with_quotas(&[&kms::SERVICE], quotas).await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    for _ in 0..5 {
        kms(&root, "GenerateRandom", json!({"NumberOfBytes": 1}))
            .await
            .ok();
        kms(
            &root,
            "GenerateDataKey",
            json!({"KeyId": key, "KeySpec": "AES_256"}),
        )
        .await
        .ok();
    }
    let input = json!({"KeyId": key, "Plaintext": "eA=="});
    assert_eq!(until_throttled(&root, "Encrypt", input).await, 0);
    kms(&root, "DescribeKey", json!({"KeyId": key})).await.ok();
}

/// Quotas of so many keys, grants on a key and aliases of a key, and of as many requests as anybody wants.
fn resources(most: u32) -> Quotas {
    let requests = kms::SERVICE.quotas.iter();
    let mut quotas: std::collections::HashMap<String, u32> = requests
        .map(|quota| (quota.name.to_owned(), 1_000_000))
        .collect();
    for name in ["kms/keys", "kms/grants-per-key", "kms/aliases-per-key"] {
        quotas.insert(name.to_owned(), most);
    }
    Quotas::File(quotas)
}

#[tokio::test]
async fn an_account_has_so_many_keys_in_a_region() {
    let alcazar = Alcazar::with_quotas(&[&kms::SERVICE], resources(3)).await;
    let root = alcazar.root();
    let first = new_key_with(&root, json!({"MultiRegion": true})).await;
    new_key(&root).await;
    let last = new_key(&root).await;
    let create = async |client: &Client| kms(client, "CreateKey", json!({})).await;
    create(&root).await.fails("LimitExceededException");
    let europe = root.region("eu-west-1");
    for _ in 0..3 {
        create(&europe).await.ok();
    }
    let replicate = json!({"KeyId": first, "ReplicaRegion": "eu-west-1"});
    let refused = kms(&root, "ReplicateKey", replicate).await;
    refused.fails("LimitExceededException");
    create(&alcazar.other_root()).await.ok();
    // A key counts until it is gone, and what is done to it changes nothing.
    kms(&root, "DisableKey", json!({"KeyId": last})).await.ok();
    let soon = json!({"KeyId": last, "PendingWindowInDays": 7});
    kms(&root, "ScheduleKeyDeletion", soon).await.ok();
    create(&root).await.fails("LimitExceededException");
    alcazar.clock.advance_seconds(8 * 86_400);
    let round = alcazar.core.run_worker("kms key deletion").await;
    assert!(round.unwrap());
    create(&root).await.ok();
    create(&root).await.fails("LimitExceededException");
}

#[tokio::test]
async fn a_key_has_so_many_grants_and_aliases() {
    let alcazar = Alcazar::with_quotas(&[&kms::SERVICE], resources(3)).await;
    let (root, key) = (alcazar.root(), new_key(&alcazar.root()).await);
    alcazar.powerless().await;
    let mut grants = Vec::new();
    for _ in 0..3 {
        grants.push(granted(&root, &key, POWERLESS, json!({})).await.0);
    }
    let one_more = create(&root, &key, POWERLESS, json!({})).await;
    one_more.fails("LimitExceededException");
    let revoke = json!({"KeyId": key, "GrantId": grants[1]});
    kms(&root, "RevokeGrant", revoke).await.ok();
    create(&root, &key, POWERLESS, json!({})).await.ok();
    let one_more = create(&root, &key, POWERLESS, json!({})).await;
    one_more.fails("LimitExceededException");
    for number in 0..3 {
        let name = json!({"AliasName": format!("alias/{number}"), "TargetKeyId": key});
        kms(&root, "CreateAlias", name).await.ok();
    }
    let name = json!({"AliasName": "alias/3", "TargetKeyId": key});
    kms(&root, "CreateAlias", name)
        .await
        .fails("LimitExceededException");
}
