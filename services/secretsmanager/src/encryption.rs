//! Values under KMS keys: every key is used through KMS itself, with the caller's authority.
//!
//! AWS document: AWS Secrets Manager User Guide, "Secret encryption and decryption in AWS Secrets Manager".

use std::collections::BTreeMap;

use base::{AccountId, Region, Secret as Hidden};
use crypto::{DataKey, context};
use kms_api::operations::{Decrypt, Encrypt, GenerateDataKey};
use kms_api::shapes::{DataKeySpec, DecryptRequest, EncryptRequest, GenerateDataKeyRequest};
use pipeline::{Failure, Operation, Permitted};
use wire::Blob;

use crate::errors;
use crate::sealed_value::{Envelope, SealedValue};
use crate::secret::Secret;
use crate::value::Value;
use crate::version::Valued;

/// The alias of the key of secrets that have none of their own.
pub(crate) const MANAGED_ALIAS: &str = "alias/aws/secretsmanager";
/// What stands for that key in `KmsKeyIds`.
pub(crate) const MANAGED_NAME: &str = "DefaultEncryptionKey";
/// The version in the encryption context of a trial.
const TRIAL: &str = "RequestToValidateKeyAccess";

/// The key as a caller names it; none for `aws/secretsmanager`.
pub(crate) fn named(kms_key_id: Option<&str>) -> Option<&str> {
    kms_key_id.filter(|id| {
        !id.is_empty() && *id != MANAGED_ALIAS && !id.ends_with(":alias/aws/secretsmanager")
    })
}

/// The ARN of the key that a caller names by its ARN or id: `secretsmanager:KmsKeyArn`. Only KMS knows that of an alias.
pub(crate) fn stated_arn(
    kms_key_id: Option<&str>,
    account: AccountId,
    region: Region,
) -> Option<String> {
    let id = named(kms_key_id)?;
    match (id.starts_with("arn:"), id.starts_with("alias/")) {
        (true, _) => Some(id.to_owned()).filter(|arn| !arn.contains(":alias/")),
        (_, true) => None,
        (_, false) => Some(format!("arn:aws:kms:{region}:{account}:key/{id}")),
    }
}

/// The key that new values of `secret` are sealed under, as KMS is asked for it.
///
/// # Errors
/// Where the key is `aws/secretsmanager` and the caller is of another account.
async fn encryption_key<O: Operation>(
    call: &Permitted<'_, O>,
    secret: &Secret,
) -> Result<String, Failure> {
    let Some(id) = &secret.kms_key_id else {
        own_account(call, secret)?;
        let alias = call.managed_key(secret.region).await?;
        return Ok(format!(
            "arn:aws:kms:{}:{}:{alias}",
            secret.region, secret.account
        ));
    };
    // What is no ARN is of the secret's account, whoever calls.
    let (region, account) = (secret.region, secret.account);
    Ok(match (id.starts_with("arn:"), id.starts_with("alias/")) {
        (true, _) => id.clone(),
        (_, true) => format!("arn:aws:kms:{region}:{account}:{id}"),
        (_, false) => format!("arn:aws:kms:{region}:{account}:key/{id}"),
    })
}

/// AWS: `aws/secretsmanager` is for its own account.
fn own_account<O: Operation>(call: &Permitted<'_, O>, secret: &Secret) -> Result<(), Failure> {
    match call.call().account() == secret.account {
        true => Ok(()),
        false => Err(errors::managed_key_of_another_account()),
    }
}

/// Whether the caller may use the key of `secret`, tried on the key itself. Answers the key's ARN.
pub(crate) async fn try_key<O: Operation>(
    call: &Permitted<'_, O>,
    secret: &Secret,
) -> Result<String, Failure> {
    let (envelope, _) = new_data_key(call, secret, TRIAL).await?;
    open_envelope(call, secret, TRIAL, &envelope).await?;
    Ok(envelope.key_arn)
}

/// `value` as the version `id` of `secret`, sealed.
pub(crate) async fn seal<O: Operation>(
    call: &Permitted<'_, O>,
    secret: &Secret,
    id: &str,
    value: &Value,
) -> Result<SealedValue, Failure> {
    let (envelope, data_key) = new_data_key(call, secret, id).await?;
    let authenticated = authenticated(secret, id, value.is_binary());
    let sealed = data_key.seal(&authenticated, value.bytes());
    Ok(SealedValue {
        account: secret.account,
        region: secret.region,
        name: secret.name.clone(),
        suffix: secret.suffix().to_owned(),
        version: id.to_owned(),
        binary: value.is_binary(),
        envelopes: vec![envelope],
        sealed: sealed.map_err(Failure::internal)?,
    })
}

/// The value of the version `id` of `secret`.
///
/// # Errors
/// Where it has none yet, and as KMS refuses.
pub(crate) async fn open<O: Operation>(
    call: &Permitted<'_, O>,
    secret: &Secret,
    id: &str,
) -> Result<Value, Failure> {
    let id = match secret.versions.get(id).map(|version| &version.value) {
        Some(Valued::Not) => return Err(errors::no_such_version(id)),
        Some(Valued::As(other)) => other,
        Some(Valued::Own) | None => id,
    };
    let sealed = sealed_value(call, secret, id).await?;
    let data_key = data_key(&open_any(call, secret, &sealed).await?)?;
    let authenticated = authenticated(secret, id, sealed.binary);
    let opened = data_key.open(&authenticated, &sealed.sealed);
    Value::opened(sealed.binary, &opened.map_err(Failure::internal)?)
}

/// The version `id` of `secret`, which opens under the secret's present key too.
pub(crate) async fn reseal<O: Operation>(
    call: &Permitted<'_, O>,
    secret: &Secret,
    id: &str,
) -> Result<SealedValue, Failure> {
    let sealed = sealed_value(call, secret, id).await?;
    let key = encryption_key(call, secret).await?;
    let data_key = open_any(call, secret, &sealed).await?;
    let encrypted = call.forward_to::<Encrypt>(
        secret.region,
        EncryptRequest {
            key_id: key,
            plaintext: data_key,
            encryption_context: Some(encryption_context(secret, id)),
            ..EncryptRequest::default()
        },
    );
    let encrypted = encrypted.await;
    let encrypted = encrypted.map_err(|failure| of_kms(failure, errors::encryption_failure))?;
    let (Some(blob), Some(key_arn)) = (encrypted.ciphertext_blob, encrypted.key_id) else {
        return Err(Failure::internal("KMS answered without a ciphertext"));
    };
    let mut sealed = SealedValue::clone(&sealed);
    sealed
        .envelopes
        .retain(|envelope| envelope.key_arn != key_arn);
    sealed.envelopes.push(Envelope {
        key_arn,
        data_key: blob.into_bytes(),
    });
    Ok(sealed)
}

async fn sealed_value<O: Operation>(
    call: &Permitted<'_, O>,
    secret: &Secret,
    id: &str,
) -> Result<std::sync::Arc<SealedValue>, Failure> {
    let place = SealedValue::key_of(secret, id);
    let sealed = call.look().get::<SealedValue>(&place).await?;
    // Dropped or deleted since the secret was read.
    sealed.ok_or(Failure::Conflict)
}

async fn new_data_key<O: Operation>(
    call: &Permitted<'_, O>,
    secret: &Secret,
    id: &str,
) -> Result<(Envelope, DataKey), Failure> {
    let made = call.forward_to::<GenerateDataKey>(
        secret.region,
        GenerateDataKeyRequest {
            key_id: encryption_key(call, secret).await?,
            key_spec: Some(DataKeySpec::Aes256),
            encryption_context: Some(encryption_context(secret, id)),
            ..GenerateDataKeyRequest::default()
        },
    );
    let made = made.await;
    let made = made.map_err(|failure| of_kms(failure, errors::encryption_failure))?;
    let (Some(blob), Some(plaintext), Some(key_arn)) =
        (made.ciphertext_blob, made.plaintext, made.key_id)
    else {
        return Err(Failure::internal("KMS answered without a data key"));
    };
    let envelope = Envelope {
        key_arn,
        data_key: blob.into_bytes(),
    };
    Ok((envelope, data_key(&plaintext)?))
}

/// The data key from whichever KMS key gives it, the one in force first.
async fn open_any<O: Operation>(
    call: &Permitted<'_, O>,
    secret: &Secret,
    sealed: &SealedValue,
) -> Result<Hidden<Blob>, Failure> {
    if secret
        .versions
        .get(&sealed.version)
        .is_some_and(|version| version.kms_key_ids.iter().all(Option::is_none))
    {
        own_account(call, secret)?;
    }
    let mut first = None;
    for envelope in sealed.envelopes.iter().rev() {
        match open_envelope(call, secret, &sealed.version, envelope).await {
            Ok(opened) => return Ok(opened),
            Err(failure @ (Failure::Conflict | Failure::Internal(_))) => return Err(failure),
            Err(failure) => first = first.or(Some(failure)),
        }
    }
    Err(first.unwrap_or_else(|| Failure::internal("a value without a data key")))
}

async fn open_envelope<O: Operation>(
    call: &Permitted<'_, O>,
    secret: &Secret,
    id: &str,
    envelope: &Envelope,
) -> Result<Hidden<Blob>, Failure> {
    let opened = call.forward_to::<Decrypt>(
        secret.region,
        DecryptRequest {
            key_id: Some(envelope.key_arn.clone()),
            ciphertext_blob: Some(Blob(envelope.data_key.clone())),
            encryption_context: Some(encryption_context(secret, id)),
            ..DecryptRequest::default()
        },
    );
    let opened = opened.await;
    let opened = opened.map_err(|failure| of_kms(failure, errors::decryption_failure))?;
    let plaintext = opened.plaintext;
    plaintext.ok_or_else(|| Failure::internal("KMS answered without a plaintext"))
}

fn data_key(plaintext: &Hidden<Blob>) -> Result<DataKey, Failure> {
    DataKey::try_from(plaintext.expose().as_ref()).map_err(Failure::internal)
}

/// Whatever KMS says, in the words of Secrets Manager.
fn of_kms(failure: Failure, otherwise: fn() -> Failure) -> Failure {
    let throttled = wire::errors::THROTTLED.of(wire::Protocol::Json11).code;
    match failure {
        Failure::Denied { .. } => errors::no_access_to_key(),
        Failure::Fault(fault) if fault.facts.code == throttled => Failure::Fault(fault),
        Failure::Fault(_) => otherwise(),
        Failure::Conflict | Failure::Internal(_) => failure,
    }
}

/// AWS document: as above, "Encryption context".
fn encryption_context(secret: &Secret, id: &str) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("SecretARN".to_owned(), secret.arn.to_string()),
        ("SecretVersionId".to_owned(), id.to_owned()),
    ])
}

/// What a value is bound to, so that it opens nowhere else.
fn authenticated(secret: &Secret, id: &str, binary: bool) -> Vec<u8> {
    let arn = secret.arn.as_str().as_bytes();
    context::bind(&[b"secretsmanager", arn, id.as_bytes(), &[u8::from(binary)]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EVERYTHING, SecretsManager, alcazar};
    use serde_json::json;

    #[test]
    fn names_of_the_managed_key() {
        for name in [
            None,
            Some(""),
            Some(MANAGED_ALIAS),
            Some("arn:aws:kms:us-east-1:111122223333:alias/aws/secretsmanager"),
        ] {
            assert_eq!(named(name), None);
        }
        assert_eq!(named(Some("alias/mine")), Some("alias/mine"));
    }

    #[tokio::test]
    async fn the_managed_key_is_made_by_its_first_use() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for name in ["first", "second"] {
            let input = json!({"Name": name, "SecretString": "hunter2"});
            root.secrets("CreateSecret", input).await.ok();
            assert_eq!(root.value(name).await, "hunter2");
        }
        let aliases = root.call("kms", "ListAliases", json!({})).await.ok();
        let aliases = aliases.field("Aliases");
        assert_eq!(aliases.matches(MANAGED_ALIAS).count(), 2, "{aliases}");
        let key = json!({"KeyId": MANAGED_ALIAS});
        let key = root.call("kms", "DescribeKey", key).await.ok();
        assert_eq!(key.field("/KeyMetadata/KeyManager"), "AWS");
        let made = alcazar.event("CreateKey").await;
        assert_eq!(made["userIdentity"]["invokedBy"], "AWS Internal");
    }

    /// A secret that is read all along, and whose key is rotated though nobody of the account can say so.
    #[tokio::test]
    async fn the_managed_key_is_rotated_every_365_days_and_nobody_calls_it_off() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let ann = alcazar.user("ann", EVERYTHING).await;
        let kms = async |operation: &str, key: &str| {
            let input = json!({"KeyId": key});
            root.call("kms", operation, input).await.ok()
        };
        let keep = async |name: &str| {
            let input = json!({"Name": name, "SecretString": name});
            root.secrets("CreateSecret", input).await.ok();
        };
        let run = async || {
            let ran = alcazar.core.run_worker("kms key rotation").await;
            assert!(ran.unwrap());
        };
        keep("year-0").await;
        let key = kms("DescribeKey", MANAGED_ALIAS).await;
        let key = key.field("/KeyMetadata/KeyId");
        let made = alcazar.core.clock.now().seconds();
        let mut materials = Vec::new();
        for year in 1..=3_i64 {
            for (operation, caller) in [
                ("DisableKeyRotation", &root),
                ("DisableKeyRotation", &ann),
                ("EnableKeyRotation", &ann),
                ("RotateKeyOnDemand", &root),
            ] {
                let refused = caller.call("kms", operation, json!({"KeyId": key})).await;
                refused.fails("AccessDeniedException");
            }
            let status = kms("GetKeyRotationStatus", &key).await;
            assert_eq!(status.field("KeyRotationEnabled"), "true");
            assert_eq!(status.field("RotationPeriodInDays"), "365");
            let due = made + year * 365 * 86_400;
            assert_eq!(status.field("NextRotationDate"), due.to_string());
            let material = async || {
                let described = kms("DescribeKey", &key).await;
                described.field("/KeyMetadata/CurrentKeyMaterialId")
            };
            materials.push(material().await);
            alcazar.clock.advance_seconds(365 * 86_400 - 1);
            run().await;
            assert_eq!(materials.last(), Some(&material().await));
            alcazar.clock.advance_seconds(1);
            run().await;
            assert!(!materials.contains(&material().await));
            keep(&format!("year-{year}")).await;
        }
        for year in 0..=3 {
            let name = format!("year-{year}");
            assert_eq!(root.value(&name).await, name);
        }
        let listed = kms("ListKeyRotations", &key).await.json().unwrap();
        let listed = listed["Rotations"].as_array().unwrap();
        let told = |at: i64| (json!("AUTOMATIC"), json!(made + at * 365 * 86_400));
        let rotations = listed
            .iter()
            .map(|it| (it["RotationType"].clone(), it["RotationDate"].clone()));
        assert_eq!(rotations.collect::<Vec<_>>(), [1, 2, 3].map(told));
        let event = alcazar.event("RotateKey").await;
        assert_eq!(event["serviceEventDetails"]["rotationType"], "AUTOMATIC");
        assert_eq!(event["serviceEventDetails"]["keyId"], *key);
    }

    #[tokio::test]
    async fn the_managed_key_is_for_its_service_alone() {
        let alcazar = alcazar().await;
        let input = json!({"Name": "a", "SecretString": "hunter2"});
        alcazar.root().secrets("CreateSecret", input).await.ok();
        let ann = alcazar.user("ann", EVERYTHING).await;
        assert_eq!(ann.value("a").await, "hunter2");
        let direct = json!({"KeyId": MANAGED_ALIAS, "Plaintext": "eA=="});
        let denied = ann.call("kms", "Encrypt", direct).await;
        denied.fails("AccessDeniedException");
    }
}
