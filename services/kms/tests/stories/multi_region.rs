//! One key in several regions: what is shared, what is not, and how it goes.

use crate::support::{
    ROOT, alcazar, allow, arn, decrypt, encrypt, grant, key_policy, kms, new_key_with,
};
use harness::{Alcazar, Client};
use serde_json::{Value, json};

const DAY: i64 = 86_400;
const IRELAND: &str = "eu-west-1";
const TOKYO: &str = "ap-northeast-1";

fn arn_in(region: &str, id: &str) -> String {
    arn(id).replace("us-east-1", region)
}

async fn primary_key(root: &Client) -> String {
    let key = new_key_with(root, json!({"MultiRegion": true})).await;
    assert!(key.starts_with("mrk-"), "{key}");
    key
}

async fn replicate(root: &Client, key: &str, region: &str) {
    let input = json!({"KeyId": key, "ReplicaRegion": region});
    kms(root, "ReplicateKey", input).await.ok();
}

async fn metadata(client: &Client, key: &str) -> Value {
    let described = kms(client, "DescribeKey", json!({"KeyId": key})).await;
    let found = described.json().unwrap();
    found["KeyMetadata"].clone()
}

async fn run(alcazar: &Alcazar, worker: &str) {
    assert!(alcazar.core.run_worker(worker).await.unwrap());
}

#[tokio::test]
async fn what_one_seals_the_others_open() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = primary_key(&root).await;
    let before = encrypt(&root, &key).await.ok().field("CiphertextBlob");
    for region in [IRELAND, TOKYO] {
        replicate(&root, &key, region).await;
    }
    let regions = [root.clone(), root.region(IRELAND), root.region(TOKYO)];
    for one in &regions {
        let sealed = encrypt(one, &key).await.ok().field("CiphertextBlob");
        for other in &regions {
            for ciphertext in [&sealed, &before] {
                let opened = decrypt(other, ciphertext).await.ok();
                let here = metadata(other, &key).await;
                assert_eq!(json!(opened.field("KeyId")), here["Arn"]);
                assert_eq!(
                    json!(opened.field("KeyMaterialId")),
                    here["CurrentKeyMaterialId"]
                );
            }
        }
    }
    decrypt(&root.region("sa-east-1"), &before)
        .await
        .fails("AccessDeniedException");
    let single = new_key_with(&root, json!({})).await;
    let sealed = encrypt(&root, &single).await.ok().field("CiphertextBlob");
    decrypt(&regions[1], &sealed)
        .await
        .fails("AccessDeniedException");
}

#[tokio::test]
async fn each_tells_of_all() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = primary_key(&root).await;
    let one = |region: &str| json!({"Arn": arn_in(region, &key), "Region": region});
    let expected = |kind: &str, replicas: &[&str]| {
        let replicas: Vec<Value> = replicas.iter().map(|region| one(region)).collect();
        json!({"MultiRegionKeyType": kind, "PrimaryKey": one("us-east-1"),
            "ReplicaKeys": replicas})
    };
    let found = metadata(&root, &key).await;
    assert_eq!(found["MultiRegionConfiguration"], expected("PRIMARY", &[]));
    assert_eq!(found["MultiRegion"], true);
    replicate(&root, &key, IRELAND).await;
    replicate(&root, &key, TOKYO).await;
    for (region, kind) in [
        ("us-east-1", "PRIMARY"),
        (IRELAND, "REPLICA"),
        (TOKYO, "REPLICA"),
    ] {
        let found = metadata(&root.region(region), &key).await;
        let expected = expected(kind, &[TOKYO, IRELAND]);
        assert_eq!(found["MultiRegionConfiguration"], expected, "{region}");
        assert_eq!(found["Arn"], arn_in(region, &key));
        assert_eq!(found["KeyState"], "Enabled");
    }
}

#[tokio::test]
async fn policy_tags_description_and_aliases_are_each_ones_own() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let input = json!({"MultiRegion": true, "Description": "here",
        "Tags": [{"TagKey": "a", "TagValue": "1"}]});
    let key = new_key_with(&root, input).await;
    let alias = json!({"AliasName": "alias/a", "TargetKeyId": key});
    kms(&root, "CreateAlias", alias).await.ok();
    let policy = key_policy(&[grant(ROOT, "kms:*")]);
    let tags = json!([{"TagKey": "b", "TagValue": "2"}]);
    let input = json!({"KeyId": key, "ReplicaRegion": IRELAND, "Policy": policy,
        "Description": "there", "Tags": tags});
    let made = kms(&root, "ReplicateKey", input).await.ok().json().unwrap();
    assert_eq!(made["ReplicaPolicy"], policy);
    assert_eq!(made["ReplicaTags"], tags);
    assert_eq!(made["ReplicaKeyMetadata"]["Description"], "there");
    assert_eq!(made["ReplicaKeyMetadata"]["Arn"], arn_in(IRELAND, &key));
    let there = root.region(IRELAND);
    assert_eq!(metadata(&there, &key).await, made["ReplicaKeyMetadata"]);
    let found = kms(&there, "ListResourceTags", json!({"KeyId": key})).await;
    assert_eq!(found.ok().json().unwrap()["Tags"], tags);
    let found = kms(&there, "GetKeyPolicy", json!({"KeyId": key})).await;
    assert_eq!(found.ok().field("Policy"), policy);
    kms(&there, "DescribeKey", json!({"KeyId": "alias/a"}))
        .await
        .fails("NotFoundException");
    kms(&there, "DisableKey", json!({"KeyId": key})).await.ok();
    assert_eq!(metadata(&root, &key).await["KeyState"], "Enabled");
    replicate(&root, &key, TOKYO).await;
    let found = kms(&root.region(TOKYO), "GetKeyPolicy", json!({"KeyId": key})).await;
    assert!(found.ok().field("Policy").contains("key-default-1"));
}

#[tokio::test]
async fn both_regions_have_it_in_their_records() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = primary_key(&root).await;
    alcazar.clock.advance_seconds(1);
    replicate(&root, &key, IRELAND).await;
    let replicated = alcazar.event("ReplicateKey").await;
    assert_eq!(replicated["awsRegion"], "us-east-1");
    assert_eq!(
        replicated["requestParameters"],
        json!({"keyId": key, "replicaRegion": IRELAND})
    );
    let created = alcazar.event("CreateKey").await;
    assert_eq!(created["awsRegion"], IRELAND);
    assert_eq!(created["requestID"], replicated["requestID"]);
    assert_ne!(created["eventID"], replicated["eventID"]);
    assert_eq!(created["userIdentity"]["type"], "Root");
    assert_eq!(created["userIdentity"]["invokedBy"], "kms.amazonaws.com");
    assert_eq!(created["requestParameters"]["multiRegion"], true);
    assert_eq!(created["responseElements"]["keyMetadata"]["keyId"], key);
    assert_eq!(created["resources"][0]["ARN"], arn_in(IRELAND, &key));
    let synchronized = alcazar.event("SynchronizeMultiRegionKey").await;
    assert_eq!(synchronized["eventType"], "AwsApiCall");
    assert_eq!(synchronized["userIdentity"]["invokedBy"], "AWS Internal");
    assert_eq!(
        synchronized["responseElements"],
        json!({"keyId": arn(&key)})
    );
    assert_eq!(synchronized["resources"][0]["ARN"], arn(&key));
    alcazar.clock.advance_seconds(1);
    let input = json!({"KeyId": key, "PrimaryRegion": IRELAND});
    kms(&root, "UpdatePrimaryRegion", input).await.ok();
    let events = alcazar.events().await;
    let updates: Vec<_> = events
        .iter()
        .filter(|event| event["eventName"] == "UpdatePrimaryRegion")
        .collect();
    assert_eq!(updates.len(), 2);
    let abroad = updates.iter().find(|event| event["awsRegion"] == IRELAND);
    let abroad = abroad.unwrap();
    assert_eq!(
        abroad["requestParameters"],
        json!({"keyId": arn_in(IRELAND, &key), "primaryRegion": IRELAND})
    );
}

#[tokio::test]
async fn what_cannot_be_replicated() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = primary_key(&root).await;
    let to = |key: &str, region: &str| json!({"KeyId": key, "ReplicaRegion": region});
    replicate(&root, &key, IRELAND).await;
    for (client, input, code) in [
        (&root, to(&key, IRELAND), "AlreadyExistsException"),
        (&root, to(&key, "us-east-1"), "AlreadyExistsException"),
        (&root, to(&key, "nowhere"), "ValidationException"),
        (
            &root.region(IRELAND),
            to(&key, TOKYO),
            "UnsupportedOperationException",
        ),
        (
            &root,
            to(&new_key_with(&root, json!({})).await, TOKYO),
            "UnsupportedOperationException",
        ),
        (
            &root,
            json!({"KeyId": key, "ReplicaRegion": TOKYO, "Policy": "{"}),
            "MalformedPolicyDocumentException",
        ),
        (
            &root,
            json!({"KeyId": key, "ReplicaRegion": TOKYO,
                "Tags": [{"TagKey": "aws:a", "TagValue": ""}]}),
            "TagException",
        ),
    ] {
        kms(client, "ReplicateKey", input).await.fails(code);
    }
    let there = root.region(IRELAND);
    kms(&there, "ScheduleKeyDeletion", json!({"KeyId": key}))
        .await
        .ok();
    kms(&root, "ReplicateKey", to(&key, IRELAND))
        .await
        .fails("AlreadyExistsException");
    kms(&root, "DisableKey", json!({"KeyId": key})).await.ok();
    kms(&root, "ReplicateKey", to(&key, TOKYO))
        .await
        .fails("DisabledException");
    kms(&root.region(TOKYO), "DescribeKey", json!({"KeyId": key}))
        .await
        .fails("NotFoundException");
}

#[tokio::test]
async fn a_replica_needs_two_permissions_in_two_regions() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = primary_key(&root).await;
    let in_region = |action: &str, region: &str| {
        json!({"Effect": "Allow", "Action": action, "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": region}}})
    };
    let to_ireland = json!({"Effect": "Allow", "Action": "kms:ReplicateKey", "Resource": arn(&key),
        "Condition": {"StringEquals": {"kms:ReplicaRegion": IRELAND}}});
    let replica = json!({"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*",
        "Condition": {"StringEquals": {"kms:MultiRegionKeyType": "REPLICA"},
            "Bool": {"kms:MultiRegion": "true"}}});
    for (name, statements, allowed) in [
        (
            "ann",
            json!([in_region("kms:ReplicateKey", "us-east-1")]),
            false,
        ),
        ("bob", json!([in_region("kms:CreateKey", IRELAND)]), false),
        (
            "cid",
            json!([to_ireland, in_region("kms:CreateKey", "us-east-1")]),
            false,
        ),
        (
            "dan",
            json!([
                in_region("kms:ReplicateKey", IRELAND),
                in_region("kms:CreateKey", IRELAND)
            ]),
            false,
        ),
        ("eve", json!([to_ireland, replica]), true),
        (
            "fay",
            json!([
                in_region("kms:ReplicateKey", "us-east-1"),
                in_region("kms:CreateKey", TOKYO)
            ]),
            false,
        ),
    ] {
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let caller = alcazar.user(name, &policy).await;
        let input = json!({"KeyId": key, "ReplicaRegion": IRELAND});
        let answer = kms(&caller, "ReplicateKey", input).await;
        match allowed {
            true => answer.ok(),
            false => answer.fails("AccessDeniedException"),
        };
    }
    let tagging = alcazar.user("gil", &allow("kms:*Key")).await;
    let input = json!({"KeyId": key, "ReplicaRegion": TOKYO,
        "Tags": [{"TagKey": "a", "TagValue": "1"}]});
    kms(&tagging, "ReplicateKey", input)
        .await
        .fails("AccessDeniedException");
}

#[tokio::test]
async fn another_primary() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = primary_key(&root).await;
    let to = |region: &str| json!({"KeyId": key, "PrimaryRegion": region});
    kms(&root, "UpdatePrimaryRegion", to(IRELAND))
        .await
        .fails("NotFoundException");
    for region in [IRELAND, TOKYO] {
        replicate(&root, &key, region).await;
    }
    kms(&root, "UpdatePrimaryRegion", to("us-east-1"))
        .await
        .fails("NotFoundException");
    let there = root.region(IRELAND);
    kms(&there, "UpdatePrimaryRegion", to(TOKYO))
        .await
        .fails("UnsupportedOperationException");
    kms(&there, "DisableKey", json!({"KeyId": key})).await.ok();
    kms(&root, "UpdatePrimaryRegion", to(IRELAND))
        .await
        .fails("DisabledException");
    kms(&there, "EnableKey", json!({"KeyId": key})).await.ok();
    kms(&root, "UpdatePrimaryRegion", to(IRELAND)).await.ok();
    for (region, kind) in [
        ("us-east-1", "REPLICA"),
        (IRELAND, "PRIMARY"),
        (TOKYO, "REPLICA"),
    ] {
        let found = metadata(&root.region(region), &key).await;
        let related = &found["MultiRegionConfiguration"];
        assert_eq!(related["MultiRegionKeyType"], kind, "{region}");
        assert_eq!(related["PrimaryKey"]["Region"], IRELAND);
        let replicas = related["ReplicaKeys"].as_array().unwrap();
        assert_eq!(replicas.len(), 2);
    }
    kms(
        &root,
        "ReplicateKey",
        json!({"KeyId": key, "ReplicaRegion": "sa-east-1"}),
    )
    .await
    .fails("UnsupportedOperationException");
    replicate(&there, &key, "sa-east-1").await;
    encrypt(&root, &key).await.ok();
}

#[tokio::test]
async fn both_keys_must_let_the_primary_be_moved() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = primary_key(&root).await;
    replicate(&root, &key, IRELAND).await;
    let input = json!({"KeyId": key, "PrimaryRegion": IRELAND});
    for (name, regions, allowed) in [
        ("ann", vec!["us-east-1"], false),
        ("bob", vec![IRELAND], false),
        ("cid", vec!["us-east-1", IRELAND], true),
    ] {
        let resources: Vec<String> = regions.iter().map(|region| arn_in(region, &key)).collect();
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": "kms:UpdatePrimaryRegion", "Resource": resources,
            "Condition": {"StringEquals": {"kms:PrimaryRegion": IRELAND}}}]});
        let caller = alcazar.user(name, &policy.to_string()).await;
        let answer = kms(&caller, "UpdatePrimaryRegion", input.clone()).await;
        match allowed {
            true => answer.ok(),
            false => answer.fails("AccessDeniedException"),
        };
    }
}

#[tokio::test]
async fn rotation_follows_the_primary() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = primary_key(&root).await;
    let on_key = json!({"KeyId": key});
    replicate(&root, &key, IRELAND).await;
    let there = root.region(IRELAND);
    for operation in [
        "EnableKeyRotation",
        "DisableKeyRotation",
        "RotateKeyOnDemand",
    ] {
        kms(&there, operation, on_key.clone())
            .await
            .fails("UnsupportedOperationException");
    }
    let first = encrypt(&root, &key).await.ok().field("CiphertextBlob");
    let input = json!({"KeyId": key, "RotationPeriodInDays": 90});
    kms(&root, "EnableKeyRotation", input).await.ok();
    let status = kms(&there, "GetKeyRotationStatus", on_key.clone())
        .await
        .ok();
    assert_eq!(status.field("KeyRotationEnabled"), "true");
    kms(&there, "DisableKey", on_key.clone()).await.ok();
    alcazar.clock.advance_seconds(90 * DAY);
    run(&alcazar, "kms key rotation").await;
    let rotated = alcazar.event("RotateKey").await;
    assert_eq!(rotated["serviceEventDetails"]["rotationType"], "AUTOMATIC");
    assert_eq!(rotated["awsRegion"], "us-east-1");
    kms(&there, "EnableKey", on_key.clone()).await.ok();
    replicate(&root, &key, TOKYO).await;
    let second = encrypt(&root, &key).await.ok().field("CiphertextBlob");
    let mut ids = Vec::new();
    for region in ["us-east-1", IRELAND, TOKYO] {
        let client = root.region(region);
        for ciphertext in [&first, &second] {
            let opened = decrypt(&client, ciphertext).await.ok();
            ids.push(opened.field("KeyMaterialId"));
        }
        let listed = kms(&client, "ListKeyRotations", on_key.clone()).await.ok();
        assert_eq!(listed.field("/Rotations/0/RotationType"), "AUTOMATIC");
        assert_eq!(listed.field("/Rotations/0/KeyMaterialId"), ids[1]);
    }
    assert_eq!(ids[0], ids[2]);
    assert_eq!(ids[1], ids[5]);
    assert_ne!(ids[0], ids[1]);
    let moved = json!({"KeyId": key, "PrimaryRegion": IRELAND});
    kms(&root, "UpdatePrimaryRegion", moved).await.ok();
    alcazar.clock.advance_seconds(90 * DAY);
    run(&alcazar, "kms key rotation").await;
    run(&alcazar, "kms key rotation").await;
    let events = alcazar.events().await;
    let rotations = events
        .iter()
        .filter(|event| event["eventName"] == "RotateKey");
    let regions: Vec<_> = rotations.map(|event| event["awsRegion"].clone()).collect();
    assert_eq!(regions, [json!(IRELAND), json!("us-east-1")]);
}

#[tokio::test]
async fn a_primary_goes_after_its_replicas() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = primary_key(&root).await;
    let on_key = json!({"KeyId": key});
    for region in [IRELAND, TOKYO] {
        replicate(&root, &key, region).await;
    }
    let window = json!({"KeyId": key, "PendingWindowInDays": 7});
    let scheduled = kms(&root, "ScheduleKeyDeletion", window.clone()).await.ok();
    assert_eq!(
        scheduled.json().unwrap(),
        json!({"KeyId": arn(&key), "KeyState": "PendingReplicaDeletion", "PendingWindowInDays": 7})
    );
    let found = metadata(&root, &key).await;
    assert_eq!(found["PendingDeletionWindowInDays"], 7);
    assert_eq!(found["DeletionDate"], Value::Null);
    encrypt(&root, &key)
        .await
        .fails("KMSInvalidStateException")
        .saying(&format!("{} is pending replica deletion.", arn(&key)));
    encrypt(&root.region(IRELAND), &key).await.ok();
    alcazar.clock.advance_seconds(100 * DAY);
    run(&alcazar, "kms key deletion").await;
    assert_eq!(
        metadata(&root, &key).await["KeyState"],
        "PendingReplicaDeletion"
    );
    for (region, state) in [
        (IRELAND, "PendingReplicaDeletion"),
        (TOKYO, "PendingDeletion"),
    ] {
        let there = root.region(region);
        kms(&there, "ScheduleKeyDeletion", window.clone())
            .await
            .ok();
        alcazar.clock.advance_seconds(7 * DAY);
        run(&alcazar, "kms key deletion").await;
        kms(&there, "DescribeKey", on_key.clone())
            .await
            .fails("NotFoundException");
        assert_eq!(metadata(&root, &key).await["KeyState"], state);
    }
    let found = metadata(&root, &key).await;
    assert_eq!(found["MultiRegionConfiguration"]["ReplicaKeys"], json!([]));
    let due = alcazar.core.clock.now().seconds() + 7 * DAY;
    assert_eq!(found["DeletionDate"], due);
    kms(&root, "CancelKeyDeletion", on_key.clone()).await.ok();
    assert_eq!(metadata(&root, &key).await["KeyState"], "Disabled");
    kms(&root, "EnableKey", on_key.clone()).await.ok();
    replicate(&root, &key, IRELAND).await;
    kms(&root, "ScheduleKeyDeletion", window.clone()).await.ok();
    kms(&root, "CancelKeyDeletion", on_key.clone()).await.ok();
    let there = root.region(IRELAND);
    kms(&there, "ScheduleKeyDeletion", window.clone())
        .await
        .ok();
    alcazar.clock.advance_seconds(7 * DAY);
    run(&alcazar, "kms key deletion").await;
    kms(&root, "ScheduleKeyDeletion", window).await.ok();
    alcazar.clock.advance_seconds(7 * DAY);
    run(&alcazar, "kms key deletion").await;
    kms(&root, "DescribeKey", on_key)
        .await
        .fails("NotFoundException");
}

#[tokio::test]
async fn no_other_accounts_key_opens_it() {
    let alcazar = alcazar().await;
    let (root, other) = (alcazar.root(), alcazar.other_root());
    let (own, foreign) = (primary_key(&root).await, primary_key(&other).await);
    let sealed = encrypt(&root, &own).await.ok().field("CiphertextBlob");
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let mut bytes = STANDARD.decode(&sealed).unwrap();
    // Format, account in five bytes, id in sixteen.
    bytes[1..6].copy_from_slice(&444_455_556_666u64.to_be_bytes()[3..]);
    let forged = STANDARD.encode(&bytes);
    decrypt(&other, &forged)
        .await
        .fails("AccessDeniedException");
    let id = foreign.strip_prefix("mrk-").unwrap();
    let id = hex::decode(id).unwrap();
    bytes[6..22].copy_from_slice(&id);
    let forged = STANDARD.encode(&bytes);
    decrypt(&other, &forged)
        .await
        .fails("InvalidCiphertextException");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_replications_into_one_region_one_is_made() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    for _ in 0..10 {
        let key = primary_key(&root).await;
        let regions = [IRELAND, IRELAND, IRELAND, TOKYO];
        let attempts = regions.map(|region| {
            let (root, key) = (root.clone(), key.clone());
            tokio::spawn(async move {
                let input = json!({"KeyId": key, "ReplicaRegion": region});
                let answer = kms(&root, "ReplicateKey", input).await;
                match answer.status {
                    200 => 1,
                    _ => {
                        answer.fails("AlreadyExistsException");
                        0
                    }
                }
            })
        });
        let mut made = 0;
        for attempt in attempts {
            made += attempt.await.unwrap();
        }
        assert_eq!(made, 2);
        let sealed = encrypt(&root, &key).await.ok().field("CiphertextBlob");
        for region in ["us-east-1", IRELAND, TOKYO] {
            let client = root.region(region);
            let related = metadata(&client, &key).await["MultiRegionConfiguration"].clone();
            let replicas = related["ReplicaKeys"].as_array().unwrap();
            assert_eq!(replicas.len(), 2, "{region} knows all");
            decrypt(&client, &sealed).await.ok();
        }
    }
}
