//! What each operation says to a key in each state.
//!
//! AWS document: AWS KMS Developer Guide, "Key states of AWS KMS keys", the key state table.

use crate::support::{alcazar, arn, blob, decrypt, encrypt, import, import_of, kms, new_key_with};
use harness::{Answer, Client};
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Enabled,
    Disabled,
    PendingDeletion,
    PendingReplicaDeletion,
    PendingImport,
}

use State::{Disabled, Enabled, PendingDeletion, PendingImport, PendingReplicaDeletion};

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// It succeeds.
    Ok,
    /// `DisabledException: … is disabled.`
    Off,
    /// `KMSInvalidStateException: … is pending deletion.`
    Del,
    /// `KMSInvalidStateException: … is pending replica deletion.`
    Rep,
    /// `KMSInvalidStateException: … is not pending deletion.`
    Not,
    /// `KMSInvalidStateException: … is pending import.`
    Imp,
    /// `UnsupportedOperationException`
    Uns,
    /// `KMSInvalidStateException`: no material to rotate to.
    Rot,
}

use End::{Del, Imp, Not, Off, Ok, Rep, Rot, Uns};

impl End {
    fn check(self, case: &str, key: &str, answer: &Answer) {
        let says = |words: &str| format!("{} {words}", arn(key));
        let expected = match self {
            Ok => ("", String::new()),
            Off => ("DisabledException", says("is disabled.")),
            Del => ("KMSInvalidStateException", says("is pending deletion.")),
            Rep => (
                "KMSInvalidStateException",
                says("is pending replica deletion."),
            ),
            Not => ("KMSInvalidStateException", says("is not pending deletion.")),
            Imp => ("KMSInvalidStateException", says("is pending import.")),
            Uns => ("UnsupportedOperationException", answer.message()),
            Rot => (
                "KMSInvalidStateException",
                format!(
                    "No available key material pending rotation for the key: {}.",
                    arn(key)
                ),
            ),
        };
        assert_eq!(
            (&*answer.code(), answer.message()),
            (expected.0, expected.1),
            "{case}"
        );
    }
}

/// By state: enabled, disabled, pending deletion, pending replica deletion; and pending import.
type Row = (&'static str, [End; 5]);

/// Keys whose material is made here, primary multi-Region keys where they are to wait for a replica; and a key without
/// the material that is to be imported.
const TABLE: [Row; 31] = [
    ("CancelKeyDeletion", [Not, Not, Ok, Ok, Not]),
    ("CreateAlias", [Ok, Ok, Del, Rep, Ok]),
    ("Decrypt", [Ok, Off, Del, Rep, Imp]),
    ("DeleteAlias", [Ok, Ok, Ok, Ok, Ok]),
    ("DeleteImportedKeyMaterial", [Uns, Uns, Uns, Uns, Ok]),
    ("DescribeKey", [Ok, Ok, Ok, Ok, Ok]),
    ("DisableKey", [Ok, Ok, Del, Rep, Imp]),
    ("DisableKeyRotation", [Ok, Off, Del, Rep, Uns]),
    ("EnableKey", [Ok, Ok, Del, Rep, Imp]),
    ("EnableKeyRotation", [Ok, Off, Del, Rep, Uns]),
    ("Encrypt", [Ok, Off, Del, Rep, Imp]),
    ("GenerateDataKey", [Ok, Off, Del, Rep, Imp]),
    ("GenerateDataKeyWithoutPlaintext", [Ok, Off, Del, Rep, Imp]),
    ("GetKeyPolicy", [Ok, Ok, Ok, Ok, Ok]),
    ("GetKeyRotationStatus", [Ok, Ok, Ok, Ok, Uns]),
    ("GetParametersForImport", [Uns, Uns, Uns, Uns, Ok]),
    ("ImportKeyMaterial", [Uns, Uns, Uns, Uns, Ok]),
    ("ListAliases", [Ok, Ok, Ok, Ok, Ok]),
    ("ListKeyPolicies", [Ok, Ok, Ok, Ok, Ok]),
    ("ListKeyRotations", [Ok, Ok, Ok, Ok, Ok]),
    ("ListResourceTags", [Ok, Ok, Ok, Ok, Ok]),
    ("PutKeyPolicy", [Ok, Ok, Ok, Ok, Ok]),
    ("ReEncrypt", [Ok, Off, Del, Rep, Imp]),
    ("ReplicateKey", [Ok, Off, Del, Rep, Imp]),
    ("RotateKeyOnDemand", [Ok, Off, Del, Rep, Imp]),
    ("ScheduleKeyDeletion", [Ok, Ok, Del, Rep, Ok]),
    ("TagResource", [Ok, Ok, Del, Rep, Ok]),
    ("UntagResource", [Ok, Ok, Del, Rep, Ok]),
    ("UpdateAlias", [Ok, Ok, Del, Rep, Ok]),
    ("UpdateKeyDescription", [Ok, Ok, Del, Rep, Ok]),
    ("UpdatePrimaryRegion", [Ok, Off, Del, Rep, Imp]),
];

/// Where keys with imported material differ: enabled, disabled, pending deletion.
const IMPORTED: [(&str, [End; 3]); 7] = [
    ("DeleteImportedKeyMaterial", [Ok, Ok, Ok]),
    ("DisableKeyRotation", [Uns, Uns, Uns]),
    ("EnableKeyRotation", [Uns, Uns, Uns]),
    ("GetKeyRotationStatus", [Uns, Uns, Uns]),
    ("GetParametersForImport", [Ok, Ok, Del]),
    ("ImportKeyMaterial", [Ok, Ok, Del]),
    ("RotateKeyOnDemand", [Rot, Off, Del]),
];

const REPLICA: &str = "eu-west-1";

/// Whether an operation is one of primary multi-Region keys, which then have a replica.
fn wants_replica(operation: &str, state: State) -> bool {
    state == PendingReplicaDeletion
        || (operation == "UpdatePrimaryRegion" && state != PendingDeletion)
}

/// A key of the caller in `state`, its alias, and what it has sealed before.
async fn key_in(root: &Client, operation: &str, state: State, imported: bool) -> (String, String) {
    let multi_region = wants_replica(operation, state)
        || matches!(operation, "ReplicateKey" | "UpdatePrimaryRegion");
    let origin = match imported || state == PendingImport {
        true => "EXTERNAL",
        false => "AWS_KMS",
    };
    let input = json!({"MultiRegion": multi_region, "Origin": origin});
    let key = new_key_with(root, input).await;
    if imported {
        import(root, &key, &[7; 32], json!({})).await.ok();
    }
    let alias = json!({"AliasName": format!("alias/{key}"), "TargetKeyId": key});
    kms(root, "CreateAlias", alias).await.ok();
    let sealed = match state {
        PendingImport => String::new(),
        _ => encrypt(root, &key).await.ok().field("CiphertextBlob"),
    };
    if wants_replica(operation, state) && state != PendingImport {
        let input = json!({"KeyId": key, "ReplicaRegion": REPLICA});
        kms(root, "ReplicateKey", input).await.ok();
    }
    let change = match state {
        Enabled | PendingImport => return (key, sealed),
        Disabled => "DisableKey",
        PendingDeletion | PendingReplicaDeletion => "ScheduleKeyDeletion",
    };
    kms(root, change, json!({"KeyId": key})).await.ok();
    (key, sealed)
}

/// Calls `operation` on `key`, with all that is asked for besides.
async fn called(root: &Client, operation: &str, key: &str, sealed: &str, state: State) -> Answer {
    let alias = format!("alias/{key}");
    let policy = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}}"#;
    let input = match operation {
        "CreateAlias" => json!({"AliasName": format!("{alias}-2"), "TargetKeyId": key}),
        "Decrypt" if state == PendingImport => json!({"KeyId": key, "CiphertextBlob": blob("x")}),
        "Decrypt" => return decrypt(root, sealed).await,
        "DeleteAlias" => json!({"AliasName": alias}),
        "Encrypt" => json!({"KeyId": key, "Plaintext": blob("x")}),
        "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext" => {
            json!({"KeyId": key, "NumberOfBytes": 7})
        }
        "GetParametersForImport" => json!({"KeyId": key,
            "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}),
        "ImportKeyMaterial" => importing(root, key, state).await,
        "PutKeyPolicy" => json!({"KeyId": key, "Policy": policy}),
        "ReEncrypt" => {
            let other = new_key_with(root, json!({})).await;
            let sealed = encrypt(root, &other).await.ok().field("CiphertextBlob");
            json!({"CiphertextBlob": sealed, "DestinationKeyId": key})
        }
        "ReplicateKey" => json!({"KeyId": key, "ReplicaRegion": "ap-northeast-1"}),
        "TagResource" => json!({"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": "1"}]}),
        "UntagResource" => json!({"KeyId": key, "TagKeys": ["a"]}),
        "UpdateAlias" => {
            let other = new_key_with(root, json!({})).await;
            let moved = json!({"AliasName": format!("{alias}-3"), "TargetKeyId": other});
            kms(root, "CreateAlias", moved.clone()).await.ok();
            json!({"AliasName": moved["AliasName"], "TargetKeyId": key})
        }
        "UpdateKeyDescription" => json!({"KeyId": key, "Description": "d"}),
        "UpdatePrimaryRegion" => json!({"KeyId": key, "PrimaryRegion": REPLICA}),
        _ => json!({"KeyId": key}),
    };
    kms(root, operation, input).await
}

/// A call that imports, or one that is refused before anybody looks at what it brings.
async fn importing(root: &Client, key: &str, state: State) -> Value {
    let described = kms(root, "DescribeKey", json!({"KeyId": key})).await;
    let external = described.field("/KeyMetadata/Origin") == "EXTERNAL";
    match external && state != PendingDeletion {
        true => import_of(root, key, &[7; 32], json!({})).await,
        false => json!({"KeyId": key, "ImportToken": blob("x"), "EncryptedKeyMaterial": blob("x"),
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}),
    }
}

#[tokio::test]
async fn every_operation_in_every_state() {
    let alcazar = alcazar().await;
    let root = alcazar.root();
    let states = [
        Enabled,
        Disabled,
        PendingDeletion,
        PendingReplicaDeletion,
        PendingImport,
    ];
    for (operation, ends) in TABLE {
        for (state, end) in states.into_iter().zip(ends) {
            let (key, sealed) = key_in(&root, operation, state, false).await;
            let answer = called(&root, operation, &key, &sealed, state).await;
            end.check(&format!("{operation} {state:?}"), &key, &answer);
        }
    }
    for (operation, ends) in IMPORTED {
        for (state, end) in states.into_iter().zip(ends) {
            let (key, sealed) = key_in(&root, operation, state, true).await;
            let answer = called(&root, operation, &key, &sealed, state).await;
            end.check(&format!("{operation} {state:?} imported"), &key, &answer);
        }
    }
}
