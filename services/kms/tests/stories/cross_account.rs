//! A key of one account, used by another: both must allow it.

use crate::support::{
    ROOT, alcazar, allow, arn, decrypt, encrypt, grant, kms, new_key, put_policy,
};
use harness::{Alcazar, Client};
use serde_json::{Value, json};

const OTHER: &str = "444455556666";

#[tokio::test]
async fn both_sides_are_needed() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    let user = alcazar.other_user("ann", &allow("kms:Encrypt")).await;
    let powerless = alcazar.other_user("bob", &allow("kms:ListKeys")).await;
    let resource = arn(&key);
    let denied = |user: &str, policy: &str| {
        format!(
            "User: arn:aws:iam::{OTHER}:user/{user} is not authorized to perform: kms:Encrypt on \
             resource: {resource} because no {policy} allows the kms:Encrypt action"
        )
    };
    let refused = encrypt(&user, &resource)
        .await
        .fails("AccessDeniedException");
    refused.saying(&denied("ann", "resource-based policy"));

    put_policy(
        &root,
        &key,
        &[grant(ROOT, "kms:*"), grant(OTHER, "kms:Encrypt")],
    )
    .await;
    let sealed = encrypt(&user, &resource).await.ok();
    assert_eq!(sealed.field("KeyId"), resource);
    let refused = encrypt(&powerless, &resource)
        .await
        .fails("AccessDeniedException");
    refused.saying(&denied("bob", "identity-based policy"));
    decrypt(&user, &sealed.field("CiphertextBlob"))
        .await
        .fails("AccessDeniedException");
    decrypt(&root, &sealed.field("CiphertextBlob")).await.ok();

    let bob = format!("arn:aws:iam::{OTHER}:user/bob");
    put_policy(
        &root,
        &key,
        &[grant(ROOT, "kms:*"), grant(&bob, "kms:Encrypt")],
    )
    .await;
    encrypt(&user, &resource)
        .await
        .fails("AccessDeniedException");
    encrypt(&powerless, &resource)
        .await
        .fails("AccessDeniedException");
}

#[tokio::test]
async fn every_operation_that_aws_lets_cross() {
    let alcazar = alcazar().await;
    let (root, other) = (alcazar.root(), alcazar.other_root());
    let key = new_key(&root).await;
    let alias = "arn:aws:kms:us-east-1:111122223333:alias/shared";
    kms(
        &root,
        "CreateAlias",
        json!({"AliasName": "alias/shared", "TargetKeyId": key}),
    )
    .await
    .ok();
    put_policy(&root, &key, &[grant(ROOT, "kms:*"), grant(OTHER, "kms:*")]).await;
    for name in [alias, &arn(&key)] {
        let sealed = encrypt(&other, name).await.ok().field("CiphertextBlob");
        decrypt(&other, &sealed).await.ok();
        for (operation, input) in [
            ("DescribeKey", json!({"KeyId": name})),
            (
                "GenerateDataKey",
                json!({"KeyId": name, "KeySpec": "AES_256"}),
            ),
            (
                "GenerateDataKeyWithoutPlaintext",
                json!({"KeyId": name, "KeySpec": "AES_256"}),
            ),
            (
                "ReEncrypt",
                json!({"CiphertextBlob": sealed, "DestinationKeyId": name}),
            ),
        ] {
            kms(&other, operation, input).await.ok();
        }
    }
    kms(&other, "DescribeKey", json!({"KeyId": "alias/shared"}))
        .await
        .fails("NotFoundException");
    kms(&other, "DescribeKey", json!({"KeyId": key}))
        .await
        .fails("NotFoundException");
}

#[tokio::test]
async fn no_policy_lets_the_others_cross() {
    let alcazar = alcazar().await;
    let (root, other) = (alcazar.root(), alcazar.other_root());
    let key = new_key(&root).await;
    put_policy(&root, &key, &[grant(ROOT, "kms:*"), grant(OTHER, "kms:*")]).await;
    let key = arn(&key);
    for (operation, input) in [
        (
            "CreateAlias",
            json!({"AliasName": "alias/a", "TargetKeyId": key}),
        ),
        ("CancelKeyDeletion", json!({"KeyId": key})),
        ("DisableKey", json!({"KeyId": key})),
        ("EnableKey", json!({"KeyId": key})),
        ("GetKeyPolicy", json!({"KeyId": key})),
        ("ListKeyPolicies", json!({"KeyId": key})),
        ("ListResourceTags", json!({"KeyId": key})),
        ("PutKeyPolicy", json!({"KeyId": key, "Policy": "{}"})),
        ("ScheduleKeyDeletion", json!({"KeyId": key})),
        ("TagResource", json!({"KeyId": key, "Tags": []})),
        ("UntagResource", json!({"KeyId": key, "TagKeys": []})),
        (
            "UpdateKeyDescription",
            json!({"KeyId": key, "Description": "mine"}),
        ),
    ] {
        kms(&other, operation, input)
            .await
            .fails("AccessDeniedException");
    }
    kms(&other, "ListAliases", json!({"KeyId": key}))
        .await
        .fails("NotFoundException");
    assert_eq!(
        kms(&other, "ListKeys", json!({})).await.ok().field("Keys"),
        "[]"
    );
    let described = kms(&root, "DescribeKey", json!({"KeyId": key})).await.ok();
    assert_eq!(described.field("/KeyMetadata/KeyState"), "Enabled");
}

#[tokio::test]
async fn the_states_of_the_key_count_abroad() {
    let alcazar = alcazar().await;
    let (root, other) = (alcazar.root(), alcazar.other_root());
    let key = new_key(&root).await;
    put_policy(
        &root,
        &key,
        &[grant(ROOT, "kms:*"), grant(OTHER, "kms:Encrypt")],
    )
    .await;
    kms(&root, "DisableKey", json!({"KeyId": key})).await.ok();
    let words = format!("{} is disabled.", arn(&key));
    encrypt(&other, &arn(&key))
        .await
        .fails("DisabledException")
        .saying(&words);
}

#[tokio::test]
async fn both_accounts_have_a_record() {
    let alcazar = alcazar().await;
    let (root, other) = (alcazar.root(), alcazar.other_root());
    let key = new_key(&root).await;
    put_policy(
        &root,
        &key,
        &[grant(ROOT, "kms:*"), grant(OTHER, "kms:Encrypt")],
    )
    .await;
    encrypt(&other, &arn(&key)).await.ok();
    let events = alcazar.events().await;
    let of = |account: &str| -> Value {
        let mut events = events
            .iter()
            .filter(|event| event["eventName"] == "Encrypt");
        events
            .find(|event| event["recipientAccountId"] == account)
            .unwrap()
            .clone()
    };
    let (owner, caller) = (of("111122223333"), of(OTHER));
    assert_eq!(owner["sharedEventID"], caller["sharedEventID"]);
    assert_eq!(owner["userIdentity"]["type"], "AWSAccount");
    assert_eq!(caller["userIdentity"]["type"], "Root");
    assert_eq!(owner["resources"][0]["ARN"], arn(&key));
}

/// The denial of a call by an alias, and the resources of its record.
async fn denied(alcazar: &Alcazar, caller: &Client, alias: &str) -> (String, Value) {
    let alias = format!("arn:aws:kms:us-east-1:111122223333:{alias}");
    alcazar.clock.advance_seconds(1);
    let refused = encrypt(caller, &alias).await.fails("AccessDeniedException");
    let told = refused.field("Message");
    assert!(told.contains(&alias), "{told}");
    let event = alcazar.event("Encrypt").await;
    let event = event.to_string().replace(&alias, "ALIAS");
    let event: Value = serde_json::from_str(&event).unwrap();
    (told.replace(&alias, "ALIAS"), event["resources"].clone())
}

/// Whoever is denied does not learn of another account's alias whether it exists, nor where it leads.
#[tokio::test]
async fn a_denial_names_the_alias_that_was_asked_for() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    let name = json!({"AliasName": "alias/there", "TargetKeyId": key});
    kms(&root, "CreateAlias", name).await.ok();
    let powerless = alcazar.other_user("bob", &allow("kms:ListKeys")).await;
    for caller in [alcazar.other_user("ann", &allow("kms:*")).await, powerless] {
        let there = denied(&alcazar, &caller, "alias/there").await;
        let nowhere = denied(&alcazar, &caller, "alias/nowhere").await;
        assert_eq!(there, nowhere);
        assert!(!there.0.contains(&key) && !there.1.to_string().contains(&key));
    }
    put_policy(
        &root,
        &key,
        &[grant(ROOT, "kms:*"), grant(OTHER, "kms:Encrypt")],
    )
    .await;
    let ann = alcazar.other_user("cat", &allow("kms:Encrypt")).await;
    let alias = "arn:aws:kms:us-east-1:111122223333:alias/there";
    alcazar.clock.advance_seconds(1);
    let sealed = encrypt(&ann, alias).await.ok();
    assert_eq!(sealed.field("KeyId"), arn(&key));
    let event = alcazar.event("Encrypt").await;
    assert_eq!(event["resources"][0]["ARN"], arn(&key));
}
