//! AWS's request quotas, on a clock that stands still.

use crate::support::{POWERLESS, arn, create, encrypt, granted, kms, new_key, new_key_with};
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

/// Five requests a second for each kind of key.
fn few_by_key() -> Quotas {
    let quotas = kms::SERVICE.quotas.iter();
    let of_keys = quotas.filter(|quota| quota.name.starts_with("kms/cryptographic-operations-"));
    Quotas::File(of_keys.map(|quota| (quota.name.to_owned(), 5)).collect())
}

#[tokio::test]
async fn each_kind_of_key_has_its_own_for_cryptographic_operations() {
    let alcazar = Alcazar::with_quotas(&[&kms::SERVICE], few_by_key()).await;
    let root = alcazar.root();
    let mut keys = Vec::new();
    for (spec, usage) in [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
        ("RSA_2048", "ENCRYPT_DECRYPT"),
        ("ECC_NIST_P256", "SIGN_VERIFY"),
        ("ML_DSA_44", "SIGN_VERIFY"),
        ("ML_KEM_512", "ENCAPSULATE_DECAPSULATE"),
    ] {
        keys.push(new_key_with(&root, json!({"KeySpec": spec, "KeyUsage": usage})).await);
        alcazar.clock.advance_seconds(1);
    }
    let [symmetric, rsa, curve, ml_dsa, kem] = &keys[..] else {
        unreachable!()
    };
    let encrypt = |key: &str, algorithm: &str| json!({"KeyId": key, "Plaintext": "eA==", "EncryptionAlgorithm": algorithm});
    let sign = |key: &str, algorithm: &str| json!({"KeyId": key, "Message": "eA==", "SigningAlgorithm": algorithm});
    let calls = [
        ("Encrypt", encrypt(symmetric, "SYMMETRIC_DEFAULT")),
        ("Encrypt", encrypt(rsa, "RSAES_OAEP_SHA_256")),
        ("Sign", sign(curve, "ECDSA_SHA_256")),
        ("Sign", sign(ml_dsa, "ML_DSA_SHAKE_256")),
        (
            "Encapsulate",
            json!({"KeyId": kem, "EncapsulationAlgorithm": "ML_KEM"}),
        ),
    ];
    for (operation, input) in &calls {
        let passed = until_throttled(&root, operation, input.clone()).await;
        assert_eq!(passed, 5, "{operation} {input}");
    }
    // What another operation does with a key of the same kind comes from the same quota, and what is denied takes nothing.
    alcazar.clock.advance_seconds(1);
    let message =
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";
    let verify = json!({"KeyId": curve, "Message": "eA==", "Signature": "eA==",
        "SigningAlgorithm": "ECDSA_SHA_256"});
    for _ in 0..3 {
        kms(&root, "Verify", verify.clone())
            .await
            .fails("KMSInvalidSignatureException");
    }
    let powerless = alcazar.powerless().await;
    for _ in 0..2 {
        kms(&powerless, "Sign", sign(curve, "ECDSA_SHA_256"))
            .await
            .fails("AccessDeniedException");
    }
    let (operation, input) = &calls[2];
    for _ in 0..2 {
        kms(&root, operation, input.clone()).await.ok();
    }
    let refused = kms(&root, operation, input.clone()).await;
    refused.fails("ThrottlingException").saying(message);
    let event = alcazar.events().await;
    let throttled = event
        .iter()
        .filter(|event| event["errorCode"] == "ThrottlingException");
    assert_eq!(throttled.count(), 6, "each is recorded");
    // Another account that uses the key has its own.
    let other = kms(
        &alcazar.other_root(),
        operation,
        sign(&arn(curve), "ECDSA_SHA_256"),
    )
    .await;
    other.fails("AccessDeniedException");
}

#[tokio::test]
async fn re_encryption_counts_for_both_kinds_of_keys() {
    let alcazar = Alcazar::with_quotas(&[&kms::SERVICE], few_by_key()).await;
    let root = alcazar.root();
    let symmetric = new_key(&root).await;
    let rsa = json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"});
    let rsa = new_key_with(&root, rsa).await;
    let sealed = encrypt(&root, &symmetric)
        .await
        .ok()
        .field("CiphertextBlob");
    alcazar.clock.advance_seconds(1);
    let again = json!({"CiphertextBlob": sealed, "DestinationKeyId": symmetric});
    for _ in 0..2 {
        kms(&root, "ReEncrypt", again.clone()).await.ok();
    }
    let to_rsa = json!({"CiphertextBlob": sealed, "DestinationKeyId": rsa,
        "DestinationEncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
    assert_eq!(until_throttled(&root, "ReEncrypt", to_rsa).await, 3);
    let input = json!({"KeyId": rsa, "Plaintext": "eA==",
        "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
    assert_eq!(until_throttled(&root, "Encrypt", input).await, 2);
}

#[tokio::test]
async fn a_re_encryption_that_is_refused_takes_from_neither_quota() {
    let alcazar = Alcazar::with_quotas(&[&kms::SERVICE], few_by_key()).await;
    let root = alcazar.root();
    let symmetric = new_key(&root).await;
    let rsa = json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"});
    let rsa = new_key_with(&root, rsa).await;
    let sealed = encrypt(&root, &symmetric)
        .await
        .ok()
        .field("CiphertextBlob");
    alcazar.clock.advance_seconds(1);
    let input = json!({"KeyId": rsa, "Plaintext": "eA==",
        "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
    assert_eq!(until_throttled(&root, "Encrypt", input).await, 5);
    let to_rsa = json!({"CiphertextBlob": sealed, "DestinationKeyId": rsa,
        "DestinationEncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
    for _ in 0..9 {
        kms(&root, "ReEncrypt", to_rsa.clone())
            .await
            .fails("ThrottlingException");
    }
    let input = json!({"KeyId": symmetric, "Plaintext": "eA=="});
    assert_eq!(until_throttled(&root, "Encrypt", input).await, 5);
}

#[tokio::test]
async fn each_spec_of_data_key_pairs_has_its_own() {
    let alcazar = Alcazar::with_quotas(&[&kms::SERVICE], Quotas::Aws).await;
    let root = alcazar.root();
    let key = new_key(&root).await;
    let pair = |spec: &str| json!({"KeyId": key, "KeyPairSpec": spec, "DryRun": true});
    for (spec, rate) in [
        ("ECC_NIST_P256", 100),
        ("ECC_NIST_EDWARDS25519", 100),
        ("RSA_2048", 20),
        ("RSA_3072", 4),
        ("RSA_4096", 1),
    ] {
        for passed in 0.. {
            let operation = match passed % 2 {
                0 => "GenerateDataKeyPair",
                _ => "GenerateDataKeyPairWithoutPlaintext",
            };
            let answer = kms(&root, operation, pair(spec)).await;
            if answer.code() == "ThrottlingException" {
                assert_eq!(passed, rate, "{spec}");
                break;
            }
            answer.fails("DryRunOperationException");
        }
    }
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
