//! A key is in one region, and invisible in all others.

use crate::support::{alcazar, arn, decrypt, encrypt, kms, new_key};
use serde_json::json;

#[tokio::test]
async fn nothing_is_seen_from_elsewhere() {
    let alcazar = alcazar().await;
    let (home, abroad) = (alcazar.root(), alcazar.root().region("eu-west-1"));
    let key = new_key(&home).await;
    let alias = json!({"AliasName": "alias/a", "TargetKeyId": key});
    kms(&home, "CreateAlias", alias.clone()).await.ok();
    let sealed = encrypt(&home, "alias/a").await.ok().field("CiphertextBlob");
    for (name, words) in [
        (
            key.clone(),
            format!("Key 'arn:aws:kms:eu-west-1:111122223333:key/{key}' does not exist"),
        ),
        (
            "alias/a".into(),
            "Alias arn:aws:kms:eu-west-1:111122223333:alias/a is not found.".into(),
        ),
        (arn(&key), "Invalid arn us-east-1".into()),
        (
            "arn:aws:kms:us-east-1:111122223333:alias/a".into(),
            "Invalid arn us-east-1".into(),
        ),
    ] {
        encrypt(&abroad, &name)
            .await
            .fails("NotFoundException")
            .saying(&words);
    }
    decrypt(&abroad, &sealed)
        .await
        .fails("AccessDeniedException");
    assert_eq!(
        kms(&abroad, "ListKeys", json!({})).await.ok().field("Keys"),
        "[]"
    );
    assert_eq!(
        kms(&abroad, "ListAliases", json!({}))
            .await
            .ok()
            .field("Aliases"),
        "[]"
    );
    kms(&abroad, "CreateAlias", alias)
        .await
        .fails("NotFoundException");
}

#[tokio::test]
async fn one_name_leads_to_a_key_of_each_region() {
    let alcazar = alcazar().await;
    for region in ["us-east-1", "eu-west-1", "ap-southeast-2"] {
        let client = alcazar.root().region(region);
        let key = new_key(&client).await;
        let alias = json!({"AliasName": "alias/a", "TargetKeyId": key});
        kms(&client, "CreateAlias", alias).await.ok();
        let sealed = encrypt(&client, "alias/a").await.ok();
        assert_eq!(
            sealed.field("KeyId"),
            format!("arn:aws:kms:{region}:111122223333:key/{key}")
        );
        decrypt(&client, &sealed.field("CiphertextBlob")).await.ok();
    }
}
