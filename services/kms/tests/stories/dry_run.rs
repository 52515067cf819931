//! What is done with keys of every kind, by the state of the key; and every operation that has `DryRun`, tried.
//!
//! AWS documents: AWS KMS Developer Guide, "Key states of AWS KMS keys" and "Testing your permissions".

use crate::support::{POWERLESS, alcazar, arn, blob, granted, kms, new_key, new_key_with};
use harness::{Alcazar, Client};
use serde_json::{Value, json};

/// Calls that use a key of each kind, each with the key it is about.
async fn calls(root: &Client) -> Vec<(&'static str, String, Value)> {
    let of = async |spec: &str, usage: &str| {
        new_key_with(root, json!({"KeySpec": spec, "KeyUsage": usage})).await
    };
    let signing = of("ECC_NIST_P256", "SIGN_VERIFY").await;
    let mac_key = of("HMAC_256", "GENERATE_VERIFY_MAC").await;
    let agreeing = of("ECC_NIST_P384", "KEY_AGREEMENT").await;
    let encapsulating = of("ML_KEM_768", "ENCAPSULATE_DECAPSULATE").await;
    let symmetric = new_key(root).await;
    let field = async |operation: &str, input: &Value, name: &str| {
        kms(root, operation, input.clone()).await.ok().field(name)
    };
    let sign = json!({"KeyId": signing, "Message": blob("x"), "SigningAlgorithm": "ECDSA_SHA_256"});
    let mut verify = sign.clone();
    verify["Signature"] = json!(field("Sign", &sign, "Signature").await);
    let mac = json!({"KeyId": mac_key, "Message": blob("x"), "MacAlgorithm": "HMAC_SHA_256"});
    let mut verify_mac = mac.clone();
    verify_mac["Mac"] = json!(field("GenerateMac", &mac, "Mac").await);
    let peer = of("ECC_NIST_P384", "KEY_AGREEMENT").await;
    let peer = field("GetPublicKey", &json!({"KeyId": peer}), "PublicKey").await;
    let agree = json!({"KeyId": agreeing, "KeyAgreementAlgorithm": "ECDH", "PublicKey": peer});
    let encapsulate = json!({"KeyId": encapsulating, "EncapsulationAlgorithm": "ML_KEM"});
    let sealed = field("Encapsulate", &encapsulate, "SharedSecretCiphertextBlob").await;
    let mut decapsulate = encapsulate.clone();
    decapsulate["SharedSecretCiphertextBlob"] = json!(sealed);
    let encrypt = json!({"KeyId": symmetric, "Plaintext": blob("x")});
    let sealed = field("Encrypt", &encrypt, "CiphertextBlob").await;
    let pair = json!({"KeyId": symmetric, "KeyPairSpec": "ECC_NIST_P256"});
    let data_key = json!({"KeyId": symmetric, "KeySpec": "AES_256"});
    let grant =
        json!({"KeyId": symmetric, "GranteePrincipal": POWERLESS, "Operations": ["Encrypt"]});
    vec![
        ("CreateGrant", symmetric.clone(), grant),
        ("Decapsulate", encapsulating.clone(), decapsulate),
        (
            "Decrypt",
            symmetric.clone(),
            json!({"CiphertextBlob": sealed}),
        ),
        ("DeriveSharedSecret", agreeing, agree),
        ("Encapsulate", encapsulating, encapsulate),
        ("Encrypt", symmetric.clone(), encrypt),
        ("GenerateDataKey", symmetric.clone(), data_key.clone()),
        ("GenerateDataKeyPair", symmetric.clone(), pair.clone()),
        (
            "GenerateDataKeyPairWithoutPlaintext",
            symmetric.clone(),
            pair,
        ),
        (
            "GenerateDataKeyWithoutPlaintext",
            symmetric.clone(),
            data_key,
        ),
        ("GenerateMac", mac_key.clone(), mac),
        (
            "ReEncrypt",
            symmetric.clone(),
            json!({"CiphertextBlob": sealed, "DestinationKeyId": symmetric}),
        ),
        ("Sign", signing.clone(), sign),
        ("Verify", signing, verify),
        ("VerifyMac", mac_key, verify_mac),
    ]
}

async fn scene() -> (Alcazar, Client, Client) {
    let alcazar = alcazar().await;
    let (root, powerless) = (alcazar.root(), alcazar.powerless().await);
    (alcazar, root, powerless)
}

#[tokio::test]
async fn keys_of_every_kind_obey_their_state() {
    let (_alcazar, root, _) = scene().await;
    let calls = calls(&root).await;
    let all = async |state: &str, code: &str| {
        for (operation, _, input) in &calls {
            let answer = kms(&root, operation, input.clone()).await;
            assert_eq!(answer.code(), code, "{operation} of a key that is {state}");
        }
    };
    let change = async |operation: &str| {
        let mut keys: Vec<&String> = calls.iter().map(|(_, key, _)| key).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            kms(&root, operation, json!({"KeyId": key})).await.ok();
        }
    };
    all("enabled", "").await;
    change("DisableKey").await;
    all("disabled", "DisabledException").await;
    change("ScheduleKeyDeletion").await;
    all("pending deletion", "KMSInvalidStateException").await;
    change("CancelKeyDeletion").await;
    all("disabled", "DisabledException").await;
    change("EnableKey").await;
    all("enabled", "").await;
}

#[tokio::test]
async fn a_key_without_its_material_does_nothing_of_its_kind() {
    let (_alcazar, root, _) = scene().await;
    for (spec, usage, operation, mut input) in [
        (
            "ECC_NIST_P256",
            "SIGN_VERIFY",
            "Sign",
            json!({"Message": blob("x"), "SigningAlgorithm": "ECDSA_SHA_256"}),
        ),
        (
            "ECC_NIST_P256",
            "SIGN_VERIFY",
            "Verify",
            json!({"Message": blob("x"), "SigningAlgorithm": "ECDSA_SHA_256", "Signature": blob("x")}),
        ),
        ("RSA_2048", "SIGN_VERIFY", "GetPublicKey", json!({})),
        (
            "HMAC_512",
            "GENERATE_VERIFY_MAC",
            "GenerateMac",
            json!({"Message": blob("x"), "MacAlgorithm": "HMAC_SHA_512"}),
        ),
        (
            "HMAC_512",
            "GENERATE_VERIFY_MAC",
            "VerifyMac",
            json!({"Message": blob("x"), "MacAlgorithm": "HMAC_SHA_512", "Mac": blob("x")}),
        ),
        (
            "SYMMETRIC_DEFAULT",
            "ENCRYPT_DECRYPT",
            "CreateGrant",
            json!({"GranteePrincipal": POWERLESS, "Operations": ["Encrypt"]}),
        ),
        (
            "SYMMETRIC_DEFAULT",
            "ENCRYPT_DECRYPT",
            "GenerateDataKeyPair",
            json!({"KeyPairSpec": "ECC_NIST_P256"}),
        ),
    ] {
        let kind = json!({"Origin": "EXTERNAL", "KeySpec": spec, "KeyUsage": usage});
        input["KeyId"] = json!(new_key_with(&root, kind).await);
        let refused = kms(&root, operation, input).await;
        refused.fails("KMSInvalidStateException");
    }
}

#[tokio::test]
async fn grants_are_listed_and_ended_in_every_state() {
    let (_alcazar, root, _) = scene().await;
    for change in ["EnableKey", "DisableKey", "ScheduleKeyDeletion"] {
        let key = new_key(&root).await;
        let revoked = granted(&root, &key, POWERLESS, json!({})).await.0;
        let retired = granted(&root, &key, POWERLESS, json!({})).await.0;
        kms(&root, change, json!({"KeyId": key})).await.ok();
        let listed = kms(&root, "ListGrants", json!({"KeyId": key})).await.ok();
        assert_eq!(
            listed.json().unwrap()["Grants"].as_array().unwrap().len(),
            2
        );
        for (operation, grant) in [("RevokeGrant", revoked), ("RetireGrant", retired)] {
            let input = json!({"KeyId": arn(&key), "GrantId": grant});
            kms(&root, operation, input).await.ok();
        }
    }
}

#[tokio::test]
async fn what_is_tried_is_decided_and_not_done() {
    let (_alcazar, root, powerless) = scene().await;
    let mut calls = calls(&root).await;
    let key = new_key(&root).await;
    for operation in ["RetireGrant", "RevokeGrant"] {
        let grant = granted(&root, &key, POWERLESS, json!({})).await.0;
        let ended = json!({"KeyId": arn(&key), "GrantId": grant});
        calls.push((operation, key.clone(), ended));
    }
    let grants = async |key: &str| {
        let listed = kms(&root, "ListGrants", json!({"KeyId": key})).await.ok();
        listed.json().unwrap()["Grants"].as_array().unwrap().len()
    };
    for (operation, key, input) in calls {
        let before = grants(&key).await;
        let mut tried = input.clone();
        tried["DryRun"] = json!(true);
        let answer = kms(&root, operation, tried.clone()).await;
        assert_eq!(answer.code(), "DryRunOperationException", "{operation}");
        let denied = kms(&powerless, operation, tried.clone()).await;
        // The grant to encrypt is the powerless user's own to use.
        if !(operation == "Encrypt" || operation == "RetireGrant") {
            denied.fails("AccessDeniedException");
        }
        assert_eq!(grants(&key).await, before, "{operation}");
        tried["DryRun"] = json!(false);
        kms(&root, operation, tried).await.ok();
    }
}
