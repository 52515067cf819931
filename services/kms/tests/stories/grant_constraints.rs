//! What must hold of a request, and of the grants that are made by virtue of a grant.

use crate::support::{
    POWERLESS, alcazar, allow, create, decrypt, encrypt, encrypt_in, granted, kms, new_key,
};
use serde_json::{Value, json};

fn contexts() -> Vec<(Value, Value, bool)> {
    let it = json!({"EncryptionContextEquals": {"Department": "IT"}});
    let two = json!({"Department": "IT", "Purpose": "Test"});
    vec![
        (it.clone(), json!({"Department": "IT"}), true),
        (it.clone(), two.clone(), false),
        (it.clone(), json!({"department": "IT"}), false),
        (it.clone(), json!({"Department": "it"}), false),
        (it.clone(), json!({}), false),
        (
            json!({"EncryptionContextEquals": {"a": "1", "A": "2"}}),
            json!({"a": "2", "A": "1"}),
            false,
        ),
        (
            json!({"EncryptionContextEquals": {"a": "1", "A": "2"}}),
            json!({"a": "1", "A": "2"}),
            false,
        ),
        (
            json!({"EncryptionContextSubset": {"Department": "IT"}}),
            two.clone(),
            true,
        ),
        (
            json!({"EncryptionContextSubset": {"Department": "IT"}}),
            json!({"Department": "HR", "department": "IT"}),
            false,
        ),
        (
            json!({"EncryptionContextSubset": {"Department": "IT"}}),
            json!({"Purpose": "Test"}),
            false,
        ),
        (
            json!({"EncryptionContextSubset": {"Department": "*"}}),
            json!({"Department": "IT"}),
            false,
        ),
        (
            json!({"EncryptionContextSubset": {"Department": "${aws:username}"}}),
            json!({"Department": "powerless"}),
            false,
        ),
        (
            json!({"EncryptionContextSubset": two}),
            json!({"Department": "IT"}),
            false,
        ),
        (
            json!({"EncryptionContextEquals": {}}),
            json!({"any": "thing"}),
            true,
        ),
    ]
}

#[tokio::test]
async fn constraints_on_the_encryption_context() {
    let alcazar = alcazar().await;
    let (root, powerless) = (alcazar.root(), alcazar.powerless().await);
    for (constraint, context, allowed) in contexts() {
        let key = new_key(&root).await;
        granted(&root, &key, POWERLESS, json!({"Constraints": constraint})).await;
        let answer = encrypt_in(&powerless, &key, context).await;
        match allowed {
            true => answer.ok(),
            false => answer.fails("AccessDeniedException"),
        };
    }
}

#[tokio::test]
async fn constraints_do_not_bind_what_has_no_context() {
    let alcazar = alcazar().await;
    let (root, powerless) = (alcazar.root(), alcazar.powerless().await);
    let key = new_key(&root).await;
    let more = json!({"Operations": ["Decrypt", "DescribeKey", "RetireGrant"],
        "Constraints": {"EncryptionContextEquals": {"a": "1"}}});
    let (id, _) = granted(&root, &key, POWERLESS, more).await;
    kms(&powerless, "DescribeKey", json!({"KeyId": key}))
        .await
        .ok();
    let sealed = encrypt(&root, &key).await.ok().field("CiphertextBlob");
    decrypt(&powerless, &sealed)
        .await
        .fails("AccessDeniedException");
    kms(
        &powerless,
        "RetireGrant",
        json!({"KeyId": key, "GrantId": id}),
    )
    .await
    .ok();
}

/// Each key of ReEncrypt is decided with its own context.
#[tokio::test]
async fn both_sides_of_re_encrypt() {
    let alcazar = alcazar().await;
    let (root, powerless) = (alcazar.root(), alcazar.powerless().await);
    let (from, to) = (new_key(&root).await, new_key(&root).await);
    let constraint = |value: &str| json!({"EncryptionContextEquals": {"side": value}});
    let more = json!({"Operations": ["ReEncryptFrom"], "Constraints": constraint("from")});
    granted(&root, &from, POWERLESS, more).await;
    let more = json!({"Operations": ["ReEncryptTo"], "Constraints": constraint("to")});
    granted(&root, &to, POWERLESS, more).await;
    let sealed = encrypt_in(&root, &from, json!({"side": "from"})).await.ok();
    let sealed = sealed.field("CiphertextBlob");
    let re_encrypt = async |from: &str, to_key: &str, to: &str| {
        let input = json!({"CiphertextBlob": sealed, "SourceEncryptionContext": {"side": from},
            "DestinationKeyId": to_key, "DestinationEncryptionContext": {"side": to}});
        kms(&powerless, "ReEncrypt", input).await
    };
    re_encrypt("from", &to, "to").await.ok();
    re_encrypt("to", &to, "to")
        .await
        .fails("AccessDeniedException");
    re_encrypt("from", &to, "from")
        .await
        .fails("AccessDeniedException");
    re_encrypt("from", &from, "to")
        .await
        .fails("AccessDeniedException");
}

fn children(subset: &Value) -> Vec<(Value, bool)> {
    vec![
        (json!({"Constraints": subset}), true),
        (
            json!({"Constraints": {"EncryptionContextSubset": {"a": "1", "b": "2"}}}),
            true,
        ),
        (
            json!({"Constraints": {"EncryptionContextEquals": {"a": "1"}}}),
            true,
        ),
        (
            json!({"Constraints": {"EncryptionContextEquals": {"a": "1", "b": "2"}}}),
            true,
        ),
        (
            json!({"Constraints": subset, "Operations": ["CreateGrant", "Decrypt"]}),
            true,
        ),
        (json!({}), false),
        (
            json!({"Constraints": {"EncryptionContextSubset": {"A": "1"}}}),
            false,
        ),
        (
            json!({"Constraints": {"EncryptionContextSubset": {"a": "2"}}}),
            false,
        ),
        (
            json!({"Constraints": {"EncryptionContextSubset": {"b": "1"}}}),
            false,
        ),
        (
            json!({"Constraints": {"EncryptionContextEquals": {"b": "1"}}}),
            false,
        ),
        (
            json!({"Constraints": subset, "Operations": ["GenerateDataKey"]}),
            false,
        ),
        (
            json!({"Constraints": subset, "Operations": ["Encrypt", "DescribeKey"]}),
            false,
        ),
        (
            json!({"Constraints": subset, "Operations": ["RetireGrant"]}),
            false,
        ),
    ]
}

#[tokio::test]
async fn who_may_create_by_a_grant_gives_no_more_than_it_has() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let parent = alcazar.user("parent", &allow("kms:ListKeys")).await;
    let powerless = alcazar.powerless().await;
    let key = new_key(&root).await;
    let subset = json!({"EncryptionContextSubset": {"a": "1"}});
    let more = json!({"Operations": ["Encrypt", "Decrypt", "CreateGrant"], "Constraints": subset});
    let grantee = "arn:aws:iam::111122223333:user/parent";
    granted(&root, &key, grantee, more).await;
    for (more, allowed) in children(&subset) {
        let answer = create(&parent, &key, POWERLESS, more.clone()).await;
        match allowed {
            true => answer.ok(),
            false => answer.fails("AccessDeniedException"),
        };
    }
    encrypt_in(&powerless, &key, json!({"a": "1"})).await.ok();
    encrypt_in(&powerless, &key, json!({"b": "1"}))
        .await
        .fails("AccessDeniedException");
    // What a child was given, it gives on within the same bounds.
    let child = create(&powerless, &key, grantee, json!({})).await;
    child.fails("AccessDeniedException");
    create(
        &powerless,
        &key,
        grantee,
        json!({"Constraints": subset, "Operations": ["Decrypt"]}),
    )
    .await
    .ok();
}

#[tokio::test]
async fn an_exact_parent_has_exact_children() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let parent = alcazar.user("parent", &allow("kms:ListKeys")).await;
    alcazar.powerless().await;
    let key = new_key(&root).await;
    let equals = json!({"EncryptionContextEquals": {"a": "1"}});
    let more = json!({"Operations": ["Encrypt", "CreateGrant"], "Constraints": equals});
    granted(&root, &key, "arn:aws:iam::111122223333:user/parent", more).await;
    for (constraints, allowed) in [
        (equals, true),
        (json!({"EncryptionContextSubset": {"a": "1"}}), false),
        (
            json!({"EncryptionContextEquals": {"a": "1", "b": "2"}}),
            false,
        ),
        (
            json!({"EncryptionContextSubset": {"a": "1", "b": "2"}}),
            false,
        ),
        (json!({}), false),
    ] {
        let answer = create(
            &parent,
            &key,
            POWERLESS,
            json!({"Constraints": constraints}),
        )
        .await;
        match allowed {
            true => answer.ok(),
            false => answer.fails("AccessDeniedException"),
        };
    }
}
