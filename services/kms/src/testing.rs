//! What the tests of this crate share.

use std::collections::BTreeSet;

use base::{AccountId, Region, Tags, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crypto::{KeyPairSpec, Oaep, PublicKey, RsaSize};
use harness::{Alcazar, Answer, Client};
use kms_api::shapes::{KeyManagerType, KeySpec, KeyUsageType, OriginType};
use serde_json::{Value, json};

use crate::key::Key;
use crate::key_id::KeyId;
use crate::key_policy;
use crate::key_state::KeyState;
use crate::materials::{Kept, Version, Versions};

/// An identity policy that allows everything.
pub(crate) const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A server of KMS alone.
pub(crate) async fn alcazar() -> Alcazar {
    Alcazar::new(&[&crate::SERVICE]).await
}

/// A key as it might be kept.
pub(crate) fn some_key() -> Key {
    let account = AccountId::from_number(111_122_223_333);
    let id = KeyId::from_bytes([0x11; 16], false);
    Key {
        id,
        arn: Key::arn_of(account, &Region::US_EAST_1, id),
        account,
        region: Region::US_EAST_1,
        created: Timestamp::from_seconds(1),
        description: "d".into(),
        tags: Tags::default(),
        aliases: BTreeSet::new(),
        policy: key_policy::default(account).unwrap(),
        usage: KeyUsageType::EncryptDecrypt,
        spec: KeySpec::SymmetricDefault,
        origin: OriginType::AwsKms,
        manager: KeyManagerType::Customer,
        custody: crate::custom_key_store::custody::Custody::Here,
        multi_region: None,
        rotation: None,
        granted: false,
        public: None,
        state: KeyState::of(Versions::stored(
            vec![Kept {
                version: Version {
                    number: 1,
                    id: "ab".into(),
                    rotated: None,
                },
                imported: None,
                wrapped: Some(vec![1, 2]),
            }],
            None,
        )),
    }
}

/// Calls of KMS, in fewer words.
pub(crate) trait Kms {
    /// Calls `operation`.
    async fn kms(&self, operation: &str, input: Value) -> Answer;

    /// The id of a new key of the caller.
    async fn new_key(&self) -> String {
        let made = self.kms("CreateKey", json!({})).await.ok();
        made.field("/KeyMetadata/KeyId")
    }

    /// The id of a new key of the caller whose material is to be imported.
    async fn new_imported_key(&self, further: Value) -> String {
        let mut input = json!({"Origin": "EXTERNAL"});
        let further = further.as_object().unwrap().clone();
        input.as_object_mut().unwrap().extend(further);
        let made = self.kms("CreateKey", input).await.ok();
        made.field("/KeyMetadata/KeyId")
    }

    /// The id of a new key of the caller, of this spec and for this usage.
    async fn new_key_of(&self, spec: &str, usage: &str) -> String {
        let input = json!({"KeySpec": spec, "KeyUsage": usage});
        let made = self.kms("CreateKey", input).await.ok();
        made.field("/KeyMetadata/KeyId")
    }

    /// A call of ImportKeyMaterial with `material`, wrapped as it should be, and what is in `further`.
    async fn import_of(&self, key: &str, material: &[u8], further: Value) -> Value {
        let input = json!({"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
            "WrappingKeySpec": "RSA_2048"});
        let parameters = self.kms("GetParametersForImport", input).await.ok();
        let spec = KeyPairSpec::Rsa(RsaSize::Bits2048);
        let public = PublicKey::from_der(spec, &unblob(&parameters.field("PublicKey"))).unwrap();
        let wrapped = public.encrypt(Oaep::Sha256, material).unwrap();
        let mut input = json!({"KeyId": key, "ImportToken": parameters.field("ImportToken"),
            "EncryptedKeyMaterial": blob(wrapped)});
        if further.get("ValidTo").is_none() && further.get("ExpirationModel").is_none() {
            input["ExpirationModel"] = json!("KEY_MATERIAL_DOES_NOT_EXPIRE");
        }
        let further = further.as_object().unwrap().clone();
        input.as_object_mut().unwrap().extend(further);
        input
    }

    /// Imports `material`.
    async fn import(&self, key: &str, material: &[u8], further: Value) -> Answer {
        let input = self.import_of(key, material, further).await;
        self.kms("ImportKeyMaterial", input).await
    }

    /// `KeyState` of `key`.
    async fn state(&self, key: &str) -> String {
        let described = self.kms("DescribeKey", json!({"KeyId": key})).await;
        described.field("/KeyMetadata/KeyState")
    }

    /// A grant on `key` to a principal, with these further parameters: its id and its token.
    async fn granted(
        &self,
        key: &str,
        to: &str,
        operations: &[&str],
        more: Value,
    ) -> (String, String) {
        let mut input = json!({"KeyId": key, "GranteePrincipal": to, "Operations": operations});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        let made = self.kms("CreateGrant", input).await.ok();
        (made.field("GrantId"), made.field("GrantToken"))
    }

    /// `text` encrypted under `key`, as base64.
    async fn encrypted(&self, key: &str, text: &str) -> String {
        let input = json!({"KeyId": key, "Plaintext": blob(text)});
        self.kms("Encrypt", input)
            .await
            .ok()
            .field("CiphertextBlob")
    }
}

impl Kms for Client {
    async fn kms(&self, operation: &str, input: Value) -> Answer {
        self.call("kms", operation, input).await
    }
}

/// Bytes as JSON carries them.
pub(crate) fn blob(text: impl AsRef<[u8]>) -> String {
    STANDARD.encode(text)
}

/// Bytes that JSON has carried.
pub(crate) fn unblob(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}

/// The ARN of a key of the first account.
pub(crate) fn arn(id: &str) -> String {
    format!("arn:aws:kms:us-east-1:111122223333:key/{id}")
}

/// An id that no key has.
pub(crate) const NO_KEY: &str = "00000000-0000-4000-8000-000000000000";

/// An id that no grant has.
pub(crate) const NO_GRANT: &str =
    "0000000000000000000000000000000000000000000000000000000000000000";

/// The ARN of the user that no policy allows anything.
pub(crate) const POWERLESS: &str = "arn:aws:iam::111122223333:user/powerless";

/// A valid call of every operation, with `key` wherever a key is named.
pub(crate) fn every_call(key: &str, ciphertext: &str) -> Vec<(&'static str, Value)> {
    let on_key = json!({"KeyId": key});
    let policy =
        r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}}"#;
    let tags = json!([{"TagKey": "team", "TagValue": "red"}]);
    let mut calls = vec![
        ("CancelKeyDeletion", on_key.clone()),
        (
            "CreateAlias",
            json!({"AliasName": "alias/new", "TargetKeyId": key}),
        ),
        ("CreateKey", json!({})),
        (
            "Decrypt",
            json!({"KeyId": key, "CiphertextBlob": ciphertext}),
        ),
        ("DeleteAlias", json!({"AliasName": "alias/old"})),
        ("DeleteImportedKeyMaterial", on_key.clone()),
        ("DescribeKey", on_key.clone()),
        ("DisableKey", on_key.clone()),
        ("DisableKeyRotation", on_key.clone()),
        ("EnableKey", on_key.clone()),
        ("EnableKeyRotation", on_key.clone()),
        ("Encrypt", json!({"KeyId": key, "Plaintext": blob("x")})),
        (
            "GenerateDataKey",
            json!({"KeyId": key, "KeySpec": "AES_256"}),
        ),
        (
            "GenerateDataKeyWithoutPlaintext",
            json!({"KeyId": key, "NumberOfBytes": 7}),
        ),
        ("GenerateRandom", json!({"NumberOfBytes": 7})),
        ("GetKeyLastUsage", on_key.clone()),
        ("GetKeyPolicy", on_key.clone()),
        ("GetKeyRotationStatus", on_key.clone()),
        ("ListAliases", json!({})),
        ("ListKeyPolicies", on_key.clone()),
        ("ListKeyRotations", on_key.clone()),
        ("ListKeys", json!({})),
        ("ListResourceTags", on_key.clone()),
        ("PutKeyPolicy", json!({"KeyId": key, "Policy": policy})),
        (
            "ReEncrypt",
            json!({"CiphertextBlob": ciphertext, "DestinationKeyId": key}),
        ),
        ("RotateKeyOnDemand", on_key.clone()),
        ("ScheduleKeyDeletion", on_key.clone()),
        ("TagResource", json!({"KeyId": key, "Tags": tags})),
        ("UntagResource", json!({"KeyId": key, "TagKeys": ["team"]})),
        (
            "UpdateAlias",
            json!({"AliasName": "alias/old", "TargetKeyId": key}),
        ),
        (
            "UpdateKeyDescription",
            json!({"KeyId": key, "Description": "new"}),
        ),
    ];
    calls.extend(calls_of_custom_key_stores());
    calls.extend(calls_of_grants(key));
    calls.extend(calls_of_imported_and_multi_region_keys(key));
    calls.extend(calls_of_other_kinds(key));
    calls
}

fn calls_of_custom_key_stores() -> Vec<(&'static str, Value)> {
    let store = json!({"CustomKeyStoreId": "cks-1"});
    vec![
        ("ConnectCustomKeyStore", store.clone()),
        ("CreateCustomKeyStore", json!({"CustomKeyStoreName": "new"})),
        ("DeleteCustomKeyStore", store.clone()),
        ("DescribeCustomKeyStores", json!({})),
        ("DisconnectCustomKeyStore", store.clone()),
        ("UpdateCustomKeyStore", store),
    ]
}

fn calls_of_grants(key: &str) -> Vec<(&'static str, Value)> {
    vec![
        (
            "CreateGrant",
            json!({"KeyId": key, "GranteePrincipal": POWERLESS, "Operations": ["Encrypt"]}),
        ),
        ("ListGrants", json!({"KeyId": key})),
        (
            "ListRetirableGrants",
            json!({"RetiringPrincipal": POWERLESS}),
        ),
        ("RetireGrant", json!({"KeyId": key, "GrantId": NO_GRANT})),
        ("RevokeGrant", json!({"KeyId": key, "GrantId": NO_GRANT})),
    ]
}

fn calls_of_imported_and_multi_region_keys(key: &str) -> Vec<(&'static str, Value)> {
    vec![
        (
            "GetParametersForImport",
            json!({"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
                "WrappingKeySpec": "RSA_2048"}),
        ),
        (
            "ImportKeyMaterial",
            json!({"KeyId": key, "ImportToken": blob("x"), "EncryptedKeyMaterial": blob("x"),
                "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}),
        ),
        (
            "ReplicateKey",
            json!({"KeyId": key, "ReplicaRegion": "eu-west-1"}),
        ),
        (
            "UpdatePrimaryRegion",
            json!({"KeyId": key, "PrimaryRegion": "eu-west-1"}),
        ),
    ]
}

/// Those that are for other keys than symmetric encryption keys, or make them.
fn calls_of_other_kinds(key: &str) -> Vec<(&'static str, Value)> {
    let encapsulated = json!({"KeyId": key, "EncapsulationAlgorithm": "ML_KEM",
        "SharedSecretCiphertextBlob": blob([7; 768])});
    let encapsulate = json!({"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"});
    let agreement = json!({"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": blob("x")});
    let pair = json!({"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"});
    let message = json!({"KeyId": key, "MacAlgorithm": "HMAC_SHA_256", "Message": blob("x")});
    let mac = json!({"KeyId": key, "MacAlgorithm": "HMAC_SHA_256", "Message": blob("x"),
        "Mac": blob("x")});
    let unsigned = json!({"KeyId": key, "SigningAlgorithm": "ECDSA_SHA_256", "Message": blob("x")});
    let signed = json!({"KeyId": key, "SigningAlgorithm": "ECDSA_SHA_256", "Message": blob("x"),
        "Signature": blob("x")});
    vec![
        ("Decapsulate", encapsulated),
        ("DeriveSharedSecret", agreement),
        ("Encapsulate", encapsulate),
        ("GenerateDataKeyPair", pair.clone()),
        ("GenerateDataKeyPairWithoutPlaintext", pair),
        ("GenerateMac", message),
        ("GetPublicKey", json!({"KeyId": key})),
        ("Sign", unsigned),
        ("Verify", signed),
        ("VerifyMac", mac),
    ]
}
