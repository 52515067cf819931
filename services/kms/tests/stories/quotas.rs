//! AWS's request quotas, on a clock that stands still.

use crate::support::{kms, new_key};
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
