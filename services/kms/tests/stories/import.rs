//! Material of the account's own: it expires, it is rotated, it is imported into each region by itself.

use crate::support::{alcazar, blob, decrypt, encrypt, import, import_of, kms, new_key_with};
use crypto::{KeyPair, KeyPairSpec, NistCurve};
use harness::{Alcazar, Client};
use serde_json::{Value, json};

const DAY: i64 = 86_400;
const IRELAND: &str = "eu-west-1";

async fn run(alcazar: &Alcazar) {
    let worker = "kms key material expiry";
    assert!(alcazar.core.run_worker(worker).await.unwrap());
}

async fn external_key(root: &Client, multi_region: bool) -> String {
    let input = json!({"Origin": "EXTERNAL", "MultiRegion": multi_region});
    new_key_with(root, input).await
}

async fn state(client: &Client, key: &str) -> String {
    let described = kms(client, "DescribeKey", json!({"KeyId": key})).await;
    described.field("/KeyMetadata/KeyState")
}

async fn materials(client: &Client, key: &str) -> Value {
    let input = json!({"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
    let listed = kms(client, "ListKeyRotations", input).await.ok();
    listed.json().unwrap()["Rotations"].clone()
}

fn in_days(alcazar: &Alcazar, days: i64) -> Value {
    json!({"ValidTo": alcazar.core.clock.now().seconds() + days * DAY})
}

#[tokio::test]
async fn what_has_expired_is_not_used_and_then_gone() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = external_key(&root, false).await;
    let valid_to = in_days(&alcazar, 7);
    let imported = import(&root, &key, &[7; 32], valid_to).await.ok();
    let id = imported.field("KeyMaterialId");
    let sealed = encrypt(&root, &key).await.ok().field("CiphertextBlob");
    alcazar.clock.advance_seconds(7 * DAY - 1);
    run(&alcazar).await;
    decrypt(&root, &sealed).await.ok();
    alcazar.clock.advance_seconds(1);
    decrypt(&root, &sealed)
        .await
        .fails("KMSInvalidStateException");
    run(&alcazar).await;
    run(&alcazar).await;
    assert_eq!(state(&root, &key).await, "PendingImport");
    let events = alcazar.events().await;
    let expired = events
        .iter()
        .filter(|event| event["eventName"] == "DeleteExpiredKeyMaterial");
    let expired: Vec<_> = expired.collect();
    assert_eq!(expired.len(), 1);
    assert_eq!(expired[0]["eventType"], "AwsServiceEvent");
    assert_eq!(
        expired[0]["serviceEventDetails"],
        json!({"keyId": key, "keyMaterialId": id})
    );
    import(&root, &key, &[8; 32], json!({}))
        .await
        .fails("IncorrectKeyMaterialException");
    import(&root, &key, &[7; 32], json!({})).await.ok();
    alcazar.clock.advance_seconds(400 * DAY);
    run(&alcazar).await;
    decrypt(&root, &sealed).await.ok();
}

#[tokio::test]
async fn keys_of_every_kind_expire() {
    let pair = |spec| KeyPair::generate(spec).unwrap().pkcs8().unwrap();
    let p256 = pair(KeyPairSpec::Nist(NistCurve::P256));
    let ed25519 = pair(KeyPairSpec::Ed25519);
    let message = blob("x");
    let sign = |algorithm: &str| json!({"Message": message, "SigningAlgorithm": algorithm});
    let peer = KeyPair::generate(KeyPairSpec::Nist(NistCurve::P256)).unwrap();
    let agree =
        json!({"KeyAgreementAlgorithm": "ECDH", "PublicKey": blob(peer.public_key().der())});
    let mac = json!({"Message": message, "MacAlgorithm": "HMAC_SHA_384"});
    let p256 = p256.expose();
    for (spec, usage, material, operation, input) in [
        (
            "HMAC_384",
            "GENERATE_VERIFY_MAC",
            &[7; 48][..],
            "GenerateMac",
            mac,
        ),
        (
            "ECC_NIST_P256",
            "SIGN_VERIFY",
            p256,
            "Sign",
            sign("ECDSA_SHA_256"),
        ),
        (
            "ECC_NIST_P256",
            "KEY_AGREEMENT",
            p256,
            "DeriveSharedSecret",
            agree,
        ),
        (
            "ECC_NIST_EDWARDS25519",
            "SIGN_VERIFY",
            ed25519.expose(),
            "Sign",
            sign("ED25519_SHA_512"),
        ),
    ] {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let kind = json!({"Origin": "EXTERNAL", "KeySpec": spec, "KeyUsage": usage});
        let key = new_key_with(&root, kind).await;
        let mut input = input;
        input["KeyId"] = json!(key);
        let valid_to = in_days(&alcazar, 7);
        import(&root, &key, material, valid_to).await.ok();
        alcazar.clock.advance_seconds(7 * DAY - 1);
        run(&alcazar).await;
        kms(&root, operation, input.clone()).await.ok();
        alcazar.clock.advance_seconds(1);
        let late = kms(&root, operation, input.clone()).await;
        late.fails("KMSInvalidStateException");
        run(&alcazar).await;
        assert_eq!(state(&root, &key).await, "PendingImport", "{spec}");
        let other = import(&root, &key, &[8; 48], in_days(&alcazar, 7)).await;
        other.fails("IncorrectKeyMaterialException");
        import(&root, &key, material, in_days(&alcazar, 7))
            .await
            .ok();
        kms(&root, operation, input).await.ok();
    }
}

#[tokio::test]
async fn to_import_again_puts_off_the_end() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = external_key(&root, false).await;
    import(&root, &key, &[7; 32], in_days(&alcazar, 7))
        .await
        .ok();
    import(&root, &key, &[7; 32], in_days(&alcazar, 9))
        .await
        .ok();
    alcazar.clock.advance_seconds(8 * DAY);
    run(&alcazar).await;
    assert_eq!(state(&root, &key).await, "Enabled");
    alcazar.clock.advance_seconds(DAY);
    run(&alcazar).await;
    assert_eq!(state(&root, &key).await, "PendingImport");
}

#[tokio::test]
async fn each_of_several_materials_expires_by_itself() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = external_key(&root, false).await;
    import(&root, &key, &[7; 32], in_days(&alcazar, 30))
        .await
        .ok();
    let mut new = in_days(&alcazar, 10);
    new["ImportType"] = json!("NEW_KEY_MATERIAL");
    import(&root, &key, &[8; 32], new.clone()).await.ok();
    alcazar.clock.advance_seconds(10 * DAY);
    kms(&root, "RotateKeyOnDemand", json!({"KeyId": key}))
        .await
        .fails("KMSInvalidStateException");
    run(&alcazar).await;
    assert_eq!(state(&root, &key).await, "Enabled");
    assert_eq!(materials(&root, &key).await.as_array().unwrap().len(), 1);
    kms(&root, "RotateKeyOnDemand", json!({"KeyId": key}))
        .await
        .fails("KMSInvalidStateException");
    let mut new = in_days(&alcazar, 10);
    new["ImportType"] = json!("NEW_KEY_MATERIAL");
    import(&root, &key, &[8; 32], new).await.ok();
    kms(&root, "RotateKeyOnDemand", json!({"KeyId": key}))
        .await
        .ok();
    let input = json!({"KeyId": key, "PendingWindowInDays": 30});
    kms(&root, "ScheduleKeyDeletion", input).await.ok();
    alcazar.clock.advance_seconds(10 * DAY);
    run(&alcazar).await;
    assert_eq!(state(&root, &key).await, "PendingDeletion");
    let listed = materials(&root, &key).await;
    assert_eq!(listed[0]["ImportState"], "IMPORTED");
    assert_eq!(listed[1]["ImportState"], "PENDING_IMPORT");
    assert_eq!(listed[1]["ExpirationModel"], Value::Null);
}

#[tokio::test]
async fn a_replica_gets_its_material_by_itself() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let there = root.region(IRELAND);
    let key = external_key(&root, true).await;
    let replica = json!({"KeyId": key, "ReplicaRegion": IRELAND});
    kms(&root, "ReplicateKey", replica.clone())
        .await
        .fails("KMSInvalidStateException");
    import(
        &root,
        &key,
        &[7; 32],
        json!({"KeyMaterialDescription": "here"}),
    )
    .await
    .ok();
    kms(&root, "ReplicateKey", replica).await.ok();
    assert_eq!(state(&there, &key).await, "PendingImport");
    let listed = materials(&there, &key).await;
    assert_eq!(listed[0]["ImportState"], "PENDING_IMPORT");
    assert_eq!(listed[0]["KeyMaterialDescription"], Value::Null);
    let sealed = encrypt(&root, &key).await.ok().field("CiphertextBlob");
    decrypt(&there, &sealed)
        .await
        .fails("KMSInvalidStateException");
    import(&there, &key, &[8; 32], json!({}))
        .await
        .fails("IncorrectKeyMaterialException");
    let new = json!({"ImportType": "NEW_KEY_MATERIAL"});
    import(&there, &key, &[8; 32], new)
        .await
        .fails("UnsupportedOperationException");
    let imported = import(&there, &key, &[7; 32], in_days(&alcazar, 5))
        .await
        .ok();
    let here = materials(&root, &key).await;
    assert_eq!(
        json!(imported.field("KeyMaterialId")),
        here[0]["KeyMaterialId"]
    );
    decrypt(&there, &sealed).await.ok();
    alcazar.clock.advance_seconds(5 * DAY);
    run(&alcazar).await;
    assert_eq!(state(&there, &key).await, "PendingImport");
    assert_eq!(state(&root, &key).await, "Enabled");
}

#[tokio::test]
async fn related_keys_rotate_when_all_have_the_new_material() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let there = root.region(IRELAND);
    let key = external_key(&root, true).await;
    let on_key = json!({"KeyId": key});
    import(&root, &key, &[7; 32], json!({})).await.ok();
    let replica = json!({"KeyId": key, "ReplicaRegion": IRELAND});
    kms(&root, "ReplicateKey", replica).await.ok();
    import(&there, &key, &[7; 32], json!({})).await.ok();
    let first = encrypt(&root, &key).await.ok().field("CiphertextBlob");
    let new = json!({"ImportType": "NEW_KEY_MATERIAL"});
    let waiting = import(&root, &key, &[8; 32], new.clone()).await.ok();
    let id = json!(waiting.field("KeyMaterialId"));
    for (client, imported) in [(&root, "IMPORTED"), (&there, "PENDING_IMPORT")] {
        let listed = materials(client, &key).await;
        assert_eq!(listed[1]["KeyMaterialId"], id);
        assert_eq!(listed[1]["ImportState"], imported);
        let state = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION";
        assert_eq!(listed[1]["KeyMaterialState"], state);
    }
    kms(&root, "RotateKeyOnDemand", on_key.clone())
        .await
        .fails("KMSInvalidStateException");
    import(&there, &key, &[8; 32], json!({"KeyMaterialId": id}))
        .await
        .ok();
    assert_eq!(
        materials(&root, &key).await[1]["KeyMaterialState"],
        "PENDING_ROTATION"
    );
    // What the replica loses it can import again; what the primary loses is gone.
    let forget = json!({"KeyId": key, "KeyMaterialId": id});
    kms(&there, "DeleteImportedKeyMaterial", forget.clone())
        .await
        .ok();
    assert_eq!(
        materials(&there, &key).await[1]["ImportState"],
        "PENDING_IMPORT"
    );
    import(&there, &key, &[8; 32], json!({})).await.ok();
    kms(&root, "DeleteImportedKeyMaterial", forget).await.ok();
    for client in [&root, &there] {
        assert_eq!(materials(client, &key).await.as_array().unwrap().len(), 1);
    }
    import(&root, &key, &[9; 32], new).await.ok();
    import(&there, &key, &[9; 32], json!({})).await.ok();
    kms(&root, "RotateKeyOnDemand", on_key.clone()).await.ok();
    let second = encrypt(&there, &key).await.ok().field("CiphertextBlob");
    for client in [&root, &there] {
        assert_eq!(state(client, &key).await, "Enabled");
        for ciphertext in [&first, &second] {
            decrypt(client, ciphertext).await.ok();
        }
    }
    let opened = [&first, &second].map(|ciphertext| decrypt(&root, ciphertext));
    let [first, second] = opened;
    assert_ne!(
        first.await.field("KeyMaterialId"),
        second.await.field("KeyMaterialId")
    );
}

#[tokio::test]
async fn a_token_is_good_in_its_region_only_and_not_for_the_next_replica() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let there = root.region(IRELAND);
    let key = external_key(&root, true).await;
    import(&root, &key, &[7; 32], json!({})).await.ok();
    let replica = json!({"KeyId": key, "ReplicaRegion": IRELAND});
    kms(&root, "ReplicateKey", replica.clone()).await.ok();
    let here = import_of(&root, &key, &[7; 32], json!({})).await;
    kms(&there, "ImportKeyMaterial", here)
        .await
        .fails("InvalidImportTokenException");
    let window = json!({"KeyId": key, "PendingWindowInDays": 7});
    kms(&there, "ScheduleKeyDeletion", window).await.ok();
    alcazar.clock.advance_seconds(7 * DAY - 60);
    kms(&there, "CancelKeyDeletion", json!({"KeyId": key}))
        .await
        .ok();
    let old = import_of(&there, &key, &[7; 32], json!({})).await;
    let window = json!({"KeyId": key, "PendingWindowInDays": 7});
    kms(&there, "ScheduleKeyDeletion", window).await.ok();
    alcazar.clock.advance_seconds(7 * DAY);
    assert!(alcazar.core.run_worker("kms key deletion").await.unwrap());
    kms(&root, "ReplicateKey", replica).await.ok();
    kms(&there, "ImportKeyMaterial", old)
        .await
        .fails("InvalidImportTokenException");
}

/// An import and a deletion that meet leave a key that is either enabled with material or to be deleted, never both.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_import_and_a_deletion_meet() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    for _ in 0..10 {
        let key = external_key(&root, false).await;
        let input = import_of(&root, &key, &[7; 32], json!({})).await;
        let importing = {
            let root = root.clone();
            tokio::spawn(async move { kms(&root, "ImportKeyMaterial", input).await })
        };
        let deleting = kms(&root, "ScheduleKeyDeletion", json!({"KeyId": key})).await;
        deleting.ok();
        let imported = importing.await.unwrap();
        assert_eq!(state(&root, &key).await, "PendingDeletion");
        if imported.status != 200 {
            imported.fails("KMSInvalidStateException");
        }
    }
}

/// Of two different new materials that are imported at once, one waits for the rotation.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_imports_meet() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let key = external_key(&root, false).await;
    import(&root, &key, &[1; 32], json!({})).await.ok();
    let new = json!({"ImportType": "NEW_KEY_MATERIAL"});
    let first = import_of(&root, &key, &[2; 32], new.clone()).await;
    let second = import_of(&root, &key, &[3; 32], new).await;
    let both = [first, second].map(|input| {
        let root = root.clone();
        tokio::spawn(async move { kms(&root, "ImportKeyMaterial", input).await })
    });
    let mut imported = 0;
    for one in both {
        let answer = one.await.unwrap();
        match answer.status {
            200 => imported += 1,
            _ => {
                answer.fails("KMSInvalidStateException");
            }
        }
    }
    assert_eq!(imported, 1);
    assert_eq!(materials(&root, &key).await.as_array().unwrap().len(), 2);
}
