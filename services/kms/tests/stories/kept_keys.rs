//! What is sealed opens under its key and no other, from memory and from the kept form.

use crate::support::{alcazar, arn, decrypt, encrypt, kms, new_key};
use serde_json::json;
use storage::{Key, Mishap, Place};

#[tokio::test]
async fn the_kept_form_opens_again() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    let sealed = encrypt(&root, &key).await.ok().field("CiphertextBlob");
    // A disabled key has forgotten its opened material, so that the kept form is opened again.
    kms(&root, "DisableKey", json!({"KeyId": key})).await.ok();
    kms(&root, "EnableKey", json!({"KeyId": key})).await.ok();
    let opened = decrypt(&root, &sealed).await.ok();
    assert_eq!(opened.field("KeyId"), arn(&key));
}

/// One key's ciphertext never opens under another key, whichever way the other is named.
#[tokio::test]
async fn a_ciphertext_belongs_to_its_key() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let (key, other) = (new_key(&root).await, new_key(&root).await);
    kms(
        &root,
        "CreateAlias",
        json!({"AliasName": "alias/other", "TargetKeyId": other}),
    )
    .await
    .ok();
    let sealed = encrypt(&root, &key).await.ok().field("CiphertextBlob");
    for name in [&other, "alias/other", &arn(&other)] {
        let input = json!({"CiphertextBlob": sealed, "KeyId": name});
        kms(&root, "Decrypt", input)
            .await
            .fails("IncorrectKeyException");
    }
}

fn place(key: &str) -> Place {
    Place::of(
        "kms.key",
        &Key::root().then("111122223333").then("us-east-1").then(key),
    )
}

/// Once a key was used, its row is not read again: here it would not open any more.
#[tokio::test]
async fn a_key_in_use_is_in_memory() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let (key, other) = (new_key(&root).await, new_key(&root).await);
    alcazar.memory.copy_row(&place(&other), place(&key));
    let sealed = encrypt(&root, &key).await.ok().field("CiphertextBlob");
    assert_eq!(decrypt(&root, &sealed).await.ok().field("KeyId"), arn(&key));
    // What lists keys reads their rows, and will not show one key as another.
    kms(&root, "ListKeys", json!({}))
        .await
        .fails("InternalFailure");
}

#[tokio::test]
async fn a_change_that_is_not_kept_is_not_acknowledged() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    for (operation, input) in [
        ("CreateKey", json!({})),
        ("DisableKey", json!({"KeyId": key})),
        ("ScheduleKeyDeletion", json!({"KeyId": key})),
        (
            "CreateAlias",
            json!({"AliasName": "alias/a", "TargetKeyId": key}),
        ),
    ] {
        alcazar.memory.meet_next(Mishap::Failure);
        kms(&root, operation, input).await.fails("InternalFailure");
    }
    encrypt(&root, &key).await.ok();
    let listed = kms(&root, "ListKeys", json!({})).await.ok().json().unwrap();
    assert_eq!(listed["Keys"].as_array().unwrap().len(), 1);
    assert_eq!(
        kms(&root, "ListAliases", json!({}))
            .await
            .ok()
            .field("Aliases"),
        "[]"
    );
}

#[tokio::test]
async fn a_change_that_was_overtaken_is_made_again() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    alcazar.memory.meet_next(Mishap::Conflict);
    alcazar.memory.meet_next(Mishap::Conflict);
    let key = new_key(&root).await;
    encrypt(&root, &key).await.ok();
    let listed = kms(&root, "ListKeys", json!({})).await.ok().json().unwrap();
    assert_eq!(listed["Keys"], json!([{"KeyId": key, "KeyArn": arn(&key)}]));
}
