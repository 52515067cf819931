//! What the tests of this crate share.

use std::collections::BTreeSet;

use base::{AccountId, Region, Tags, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::{Alcazar, Answer, Client};
use kms_api::shapes::{KeyManagerType, KeySpec, KeyUsageType, OriginType};
use serde_json::{Value, json};

use crate::key::Key;
use crate::key_id::KeyId;
use crate::key_material::{KeyMaterial, Materials};
use crate::key_policy;
use crate::key_state::KeyState;

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
        multi_region: None,
        granted: false,
        state: KeyState::Enabled(Materials::of(KeyMaterial::stored(
            1,
            "ab".into(),
            vec![1, 2],
        ))),
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
    vec![
        ("CancelKeyDeletion", on_key.clone()),
        (
            "CreateAlias",
            json!({"AliasName": "alias/new", "TargetKeyId": key}),
        ),
        (
            "CreateGrant",
            json!({"KeyId": key, "GranteePrincipal": POWERLESS, "Operations": ["Encrypt"]}),
        ),
        ("CreateKey", json!({})),
        (
            "Decrypt",
            json!({"KeyId": key, "CiphertextBlob": ciphertext}),
        ),
        ("DeleteAlias", json!({"AliasName": "alias/old"})),
        ("DescribeKey", on_key.clone()),
        ("DisableKey", on_key.clone()),
        ("EnableKey", on_key.clone()),
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
        ("ListAliases", json!({})),
        ("ListGrants", on_key.clone()),
        ("ListKeyPolicies", on_key.clone()),
        ("ListKeys", json!({})),
        ("ListResourceTags", on_key.clone()),
        (
            "ListRetirableGrants",
            json!({"RetiringPrincipal": POWERLESS}),
        ),
        ("PutKeyPolicy", json!({"KeyId": key, "Policy": policy})),
        (
            "ReEncrypt",
            json!({"CiphertextBlob": ciphertext, "DestinationKeyId": key}),
        ),
        ("RetireGrant", json!({"KeyId": key, "GrantId": NO_GRANT})),
        ("RevokeGrant", json!({"KeyId": key, "GrantId": NO_GRANT})),
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
    ]
}
