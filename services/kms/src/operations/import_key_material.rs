//! `kms:ImportKeyMaterial`: gives a key the account's own material, for the first time, again, or for its next rotation.

use std::borrow::Cow;

use base::Timestamp;
use kms_api::shapes::{
    ExpirationModelType, ImportKeyMaterialRequest, ImportKeyMaterialResponse, KeySpec, OriginType,
};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::errors;
use crate::import_token::{FINGERPRINT_REGION, ImportToken};
use crate::importing::Place;
use crate::key::Key;
use crate::key_material::Opened;
use crate::materials::Imported;
use crate::sought::Sought;

/// The longest that material may be kept, in seconds.
/// Source: AWS KMS API Reference, ImportKeyMaterial, ValidTo.
const LONGEST: i64 = 365 * 86_400;

pub(crate) struct ImportKeyMaterial;

impl Operation for ImportKeyMaterial {
    type Api = operations::ImportKeyMaterial;
    type Target = Sought;

    async fn access(
        input: &ImportKeyMaterialRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::ImportKeyMaterial {
            key: sought.resource(),
            expiration_model: Some(Cow::Borrowed(model(input).as_str())),
            valid_to: input.valid_to,
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ImportKeyMaterialResponse, Failure> {
        let (input, key) = (call.input(), call.target().key()?);
        check_importable(key)?;
        check_parameters(input, key)?;
        let expires = expires(input, call.call().now())?;
        let material = unwrap(&call, key).await?;
        let id = material_id(&call, key, material.identity())?;
        let place = Place::choose(input, key, &key.state.versions(), &id)?;
        let imported = Imported {
            description: input.key_material_description.clone(),
            expires,
        };
        place
            .put(&call, key, &id, imported, &material.opened)
            .await?;
        Ok(ImportKeyMaterialResponse {
            key_id: Some(key.arn.to_string()),
            key_material_id: (key.spec == KeySpec::SymmetricDefault).then_some(id),
        })
    }
}

/// Refuses keys that have no imported material, and those that are going to be deleted.
pub(super) fn check_importable(key: &Key) -> Result<(), Failure> {
    check_origin(key)?;
    key.not_pending_deletion()
}

/// Refuses keys that have no imported material.
pub(super) fn check_origin(key: &Key) -> Result<(), Failure> {
    match key.origin {
        OriginType::External => Ok(()),
        other => Err(errors::unsupported_origin(&key.arn, other)),
    }
}

/// Refuses what only keys with several materials know.
fn check_parameters(input: &ImportKeyMaterialRequest, key: &Key) -> Result<(), Failure> {
    let given = [
        ("ImportType", input.import_type.is_some()),
        (
            "KeyMaterialDescription",
            input.key_material_description.is_some(),
        ),
        ("KeyMaterialId", input.key_material_id.is_some()),
    ];
    let given = given.into_iter().find(|(_, given)| *given);
    match given {
        Some((member, _)) if key.spec != KeySpec::SymmetricDefault => {
            let words = format!("{member} is not supported for key spec {}.", key.spec);
            Err(errors::unsupported(words))
        }
        _ => Ok(()),
    }
}

fn model(input: &ImportKeyMaterialRequest) -> ExpirationModelType {
    let expires = ExpirationModelType::KeyMaterialExpires;
    input.expiration_model.unwrap_or(expires)
}

/// When the material expires, if it does.
fn expires(input: &ImportKeyMaterialRequest, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
    let words = match (model(input), input.valid_to) {
        (ExpirationModelType::KeyMaterialDoesNotExpire, None) => return Ok(None),
        (ExpirationModelType::KeyMaterialDoesNotExpire, Some(_)) => {
            "ValidTo must not be set if ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE."
        }
        (ExpirationModelType::KeyMaterialExpires, None) => {
            "ValidTo must be set if ExpirationModel is KEY_MATERIAL_EXPIRES."
        }
        (ExpirationModelType::KeyMaterialExpires, Some(at)) if at <= now => {
            "ValidTo must lie in the future."
        }
        (ExpirationModelType::KeyMaterialExpires, Some(at)) if at > now.plus_seconds(LONGEST) => {
            "ValidTo must lie within 365 days."
        }
        (ExpirationModelType::KeyMaterialExpires, Some(at)) => return Ok(Some(at)),
    };
    Err(errors::validation(words))
}

/// The material that the caller has wrapped for this key.
async fn unwrap(call: &Permitted<'_, ImportKeyMaterial>, key: &Key) -> Result<Unwrapped, Failure> {
    let input = call.input();
    let token = ImportToken::open(&input.import_token, &call.domain_key()?, key)?;
    let bytes = token.unwrap(&input.encrypted_key_material, call.call().now())?;
    let opened = Opened::imported(key.spec, bytes.expose());
    let opened = opened.ok_or_else(|| {
        let words = format!("The key material is not valid for key spec {}.", key.spec);
        errors::incorrect_key_material(words)
    })?;
    Ok(Unwrapped { opened, bytes })
}

struct Unwrapped {
    opened: Opened,
    bytes: base::Secret<Vec<u8>>,
}

impl Unwrapped {
    /// What tells this material from any other: bytes that are a secret key themselves; of a key pair, which can be
    /// written in many ways, the public key.
    fn identity(&self) -> &[u8] {
        self.opened.public_der().unwrap_or(self.bytes.expose())
    }
}

/// `KeyMaterialId`, by key id and material.
fn material_id(
    call: &Permitted<'_, ImportKeyMaterial>,
    key: &Key,
    identity: &[u8],
) -> Result<String, Failure> {
    let domain = call.domain_key_of(key.account, FINGERPRINT_REGION)?;
    let id = key.id.to_string();
    let fingerprint = domain.fingerprint(id.as_bytes(), identity);
    fingerprint.map(hex::encode).map_err(Failure::internal)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, blob, unblob};
    use harness::{Alcazar, Client};
    use serde_json::{Value, json};

    const DAY: i64 = 86_400;

    async fn imported_key(root: &Client) -> String {
        let key = root.new_imported_key(json!({})).await;
        root.import(&key, &[7; 32], json!({})).await.ok();
        key
    }

    async fn materials(root: &Client, key: &str) -> Value {
        let input = json!({"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
        let listed = root.kms("ListKeyRotations", input).await.ok();
        listed.json().unwrap()["Rotations"].clone()
    }

    #[tokio::test]
    async fn a_key_is_enabled_by_its_first_material() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_imported_key(json!({})).await;
        assert_eq!(root.state(&key).await, "PendingImport");
        let valid_to = alcazar.core.clock.now().seconds() + DAY;
        let further = json!({"ValidTo": valid_to, "KeyMaterialDescription": "first"});
        let imported = root.import(&key, &[7; 32], further).await.ok();
        assert_eq!(imported.field("KeyId"), arn(&key));
        let id = imported.field("KeyMaterialId");
        assert_eq!(id.len(), 64);
        let described = root.kms("DescribeKey", json!({"KeyId": key})).await.ok();
        for (member, value) in [
            ("KeyState", "Enabled"),
            ("Enabled", "true"),
            ("Origin", "EXTERNAL"),
            ("ExpirationModel", "KEY_MATERIAL_EXPIRES"),
            ("ValidTo", &valid_to.to_string()),
            ("CurrentKeyMaterialId", &id),
        ] {
            let found = described.field(&format!("/KeyMetadata/{member}"));
            assert_eq!(found, value, "{member}");
        }
        assert_eq!(
            materials(&root, &key).await,
            json!([{"KeyId": key, "KeyMaterialId": id, "KeyMaterialDescription": "first",
                "ImportState": "IMPORTED", "KeyMaterialState": "CURRENT",
                "ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": valid_to}])
        );
        let sealed = root.encrypted(&key, "x").await;
        let opened = root.kms("Decrypt", json!({"CiphertextBlob": sealed})).await;
        assert_eq!(opened.ok().field("KeyMaterialId"), id);
    }

    #[tokio::test]
    async fn the_record_has_neither_token_nor_material() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_imported_key(json!({})).await;
        let further = json!({"KeyMaterialDescription": "d", "ImportType": "NEW_KEY_MATERIAL"});
        let input = root.import_of(&key, &[7; 32], further).await;
        root.kms("ImportKeyMaterial", input.clone()).await.ok();
        let event = alcazar.event("ImportKeyMaterial").await;
        assert_eq!(
            event["requestParameters"],
            json!({"keyId": key, "expirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
                "importType": "NEW_KEY_MATERIAL", "keyMaterialDescription": "d"})
        );
        assert_eq!(event["responseElements"]["keyId"], arn(&key));
        let text = serde_json::to_string(&alcazar.events().await).unwrap();
        for secret in [
            &input["ImportToken"],
            &input["EncryptedKeyMaterial"],
            &json!(blob([7; 32])),
        ] {
            assert!(!text.contains(secret.as_str().unwrap()));
        }
    }

    #[tokio::test]
    async fn only_the_same_material_again() {
        let root = alcazar().await.root();
        let key = imported_key(&root).await;
        let id = materials(&root, &key).await[0]["KeyMaterialId"].clone();
        for (material, further, code) in [
            ([7; 32], json!({}), ""),
            ([7; 32], json!({"ImportType": "EXISTING_KEY_MATERIAL"}), ""),
            ([7; 32], json!({"KeyMaterialId": id}), ""),
            ([8; 32], json!({}), "IncorrectKeyMaterialException"),
            (
                [8; 32],
                json!({"KeyMaterialId": id}),
                "IncorrectKeyMaterialException",
            ),
            (
                [7; 32],
                json!({"KeyMaterialId": "0".repeat(64)}),
                "IncorrectKeyMaterialException",
            ),
            (
                [7; 32],
                json!({"ImportType": "NEW_KEY_MATERIAL"}),
                "IncorrectKeyMaterialException",
            ),
            (
                [8; 32],
                json!({"ImportType": "NEW_KEY_MATERIAL", "KeyMaterialId": id}),
                "ValidationException",
            ),
        ] {
            let answer = root.import(&key, &material, further).await;
            match code {
                "" => answer.ok(),
                code => answer.fails(code),
            };
        }
        let other = root.new_imported_key(json!({})).await;
        let existing = json!({"ImportType": "EXISTING_KEY_MATERIAL"});
        root.import(&other, &[7; 32], existing)
            .await
            .fails("IncorrectKeyMaterialException");
        let imported = root.import(&other, &[7; 32], json!({})).await.ok();
        assert_ne!(
            json!(imported.field("KeyMaterialId")),
            id,
            "ids are a key's own"
        );
    }

    #[tokio::test]
    async fn material_of_the_wrong_length() {
        let root = alcazar().await.root();
        let key = root.new_imported_key(json!({})).await;
        for length in [1, 16, 31, 33, 64] {
            root.import(&key, &vec![7; length], json!({}))
                .await
                .fails("IncorrectKeyMaterialException");
        }
        assert_eq!(root.state(&key).await, "PendingImport");
    }

    #[tokio::test]
    async fn when_it_expires() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_imported_key(json!({})).await;
        let now = alcazar.core.clock.now().seconds();
        let expires = "KEY_MATERIAL_EXPIRES";
        for (further, allowed) in [
            (json!({"ValidTo": now + 1}), true),
            (json!({"ValidTo": now + 365 * DAY}), true),
            (
                json!({"ValidTo": now + 1, "ExpirationModel": expires}),
                true,
            ),
            (json!({"ValidTo": now}), false),
            (json!({"ValidTo": now + 365 * DAY + 1}), false),
            (json!({"ExpirationModel": expires}), false),
            (
                json!({"ValidTo": now + 1, "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}),
                false,
            ),
        ] {
            let answer = root.import(&key, &[7; 32], further.clone()).await;
            match allowed {
                true => answer.ok(),
                false => answer.fails("ValidationException"),
            };
        }
        let mut input = root.import_of(&key, &[7; 32], json!({})).await;
        input["ExpirationModel"] = Value::Null;
        root.kms("ImportKeyMaterial", input)
            .await
            .fails("ValidationException");
    }

    #[tokio::test]
    async fn a_token_is_good_for_a_day_and_one_key() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_imported_key(json!({})).await;
        let good = root.import_of(&key, &[7; 32], json!({})).await;
        let other = root.new_imported_key(json!({})).await;
        let with = |member: &str, value: Value| {
            let mut input = good.clone();
            input[member] = value;
            input
        };
        let another = root.import_of(&key, &[7; 32], json!({})).await;
        for (input, code) in [
            (with("KeyId", json!(other)), "InvalidImportTokenException"),
            (
                with("ImportToken", json!(blob("x"))),
                "InvalidImportTokenException",
            ),
            (
                with("ImportToken", json!(blob(vec![0; 6144]))),
                "InvalidImportTokenException",
            ),
            (
                with("ImportToken", another["ImportToken"].clone()),
                "InvalidCiphertextException",
            ),
            (
                with("EncryptedKeyMaterial", json!(blob([0; 256]))),
                "InvalidCiphertextException",
            ),
            (
                with("EncryptedKeyMaterial", json!(blob("x"))),
                "InvalidCiphertextException",
            ),
        ] {
            root.kms("ImportKeyMaterial", input).await.fails(code);
        }
        let abroad = with("KeyId", json!(arn(&key)));
        alcazar
            .other_root()
            .kms("ImportKeyMaterial", abroad)
            .await
            .fails("AccessDeniedException");
        alcazar.clock.advance_seconds(DAY - 1);
        root.kms("ImportKeyMaterial", good.clone()).await.ok();
        root.kms("ImportKeyMaterial", good.clone()).await.ok();
        alcazar.clock.advance_seconds(1);
        root.kms("ImportKeyMaterial", good)
            .await
            .fails("ExpiredImportTokenException");
    }

    #[tokio::test]
    async fn new_material_waits_for_a_rotation() {
        let root = alcazar().await.root();
        let key = imported_key(&root).await;
        let old = root.encrypted(&key, "old").await;
        let on_key = json!({"KeyId": key});
        root.kms("RotateKeyOnDemand", on_key.clone())
            .await
            .fails("KMSInvalidStateException");
        let new = json!({"ImportType": "NEW_KEY_MATERIAL"});
        root.import(&key, &[8; 32], new.clone()).await.ok();
        root.import(&key, &[9; 32], new.clone())
            .await
            .fails("KMSInvalidStateException");
        root.import(&key, &[8; 32], json!({"KeyMaterialDescription": "d"}))
            .await
            .ok();
        let listed = materials(&root, &key).await;
        assert_eq!(listed[1]["KeyMaterialState"], "PENDING_ROTATION");
        assert_eq!(listed[1]["KeyMaterialDescription"], "d");
        assert_eq!(listed[1]["RotationDate"], Value::Null);
        let rotations = root.kms("ListKeyRotations", on_key.clone()).await.ok();
        assert_eq!(rotations.field("Rotations"), "[]");
        root.kms("RotateKeyOnDemand", on_key.clone()).await.ok();
        let listed = materials(&root, &key).await;
        assert_eq!(listed[0]["KeyMaterialState"], "NON_CURRENT");
        assert_eq!(listed[1]["KeyMaterialState"], "CURRENT");
        assert_eq!(listed[1]["RotationType"], "ON_DEMAND");
        for (sealed, plaintext, id) in [
            (old, "old", &listed[0]["KeyMaterialId"]),
            (
                root.encrypted(&key, "new").await,
                "new",
                &listed[1]["KeyMaterialId"],
            ),
        ] {
            let opened = root
                .kms("Decrypt", json!({"CiphertextBlob": sealed}))
                .await
                .ok();
            assert_eq!(unblob(&opened.field("Plaintext")), plaintext.as_bytes());
            assert_eq!(&json!(opened.field("KeyMaterialId")), id);
        }
        root.import(&key, &[7; 32], new)
            .await
            .fails("IncorrectKeyMaterialException");
    }

    #[tokio::test]
    async fn a_disabled_key_stays_disabled() {
        let root = alcazar().await.root();
        let key = imported_key(&root).await;
        root.kms("DisableKey", json!({"KeyId": key})).await.ok();
        root.import(&key, &[7; 32], json!({})).await.ok();
        assert_eq!(root.state(&key).await, "Disabled");
        root.kms("ScheduleKeyDeletion", json!({"KeyId": key}))
            .await
            .ok();
        let input = json!({"KeyId": key, "ImportToken": blob("x"),
            "EncryptedKeyMaterial": blob("x"), "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"});
        root.kms("ImportKeyMaterial", input)
            .await
            .fails("KMSInvalidStateException");
        let made_here = root.new_key().await;
        let input = json!({"KeyId": made_here, "ImportToken": blob("x"),
            "EncryptedKeyMaterial": blob("x"), "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"});
        root.kms("ImportKeyMaterial", input)
            .await
            .fails("UnsupportedOperationException");
    }

    async fn importing_user(alcazar: &Alcazar, condition: Value) -> Client {
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "kms:GetParametersForImport", "Resource": "*"},
            {"Effect": "Allow", "Action": "kms:ImportKeyMaterial", "Resource": "*",
                "Condition": condition}]});
        alcazar.user("ann", &policy.to_string()).await
    }

    #[tokio::test]
    async fn policies_see_when_it_expires() {
        let alcazar = alcazar().await;
        let key = alcazar.root().new_imported_key(json!({})).await;
        let ann = importing_user(
            &alcazar,
            json!({"StringEquals": {"kms:ExpirationModel": "KEY_MATERIAL_EXPIRES"},
                "DateLessThan": {"kms:ValidTo": "2026-12-01T00:00:00Z"}}),
        )
        .await;
        for (further, allowed) in [
            (json!({"ValidTo": 1_796_000_000}), true),
            (json!({"ValidTo": 1_796_100_000}), false),
            (json!({}), false),
        ] {
            let answer = ann.import(&key, &[7; 32], further).await;
            match allowed {
                true => answer.ok(),
                false => answer.fails("AccessDeniedException"),
            };
        }
    }
}
