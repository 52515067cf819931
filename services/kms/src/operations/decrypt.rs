//! `kms:Decrypt`.

use std::borrow::Cow;

use base::Secret;
use kms_api::shapes::{DecryptRequest, DecryptResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Blob;

use crate::grant::token;
use crate::quotas::Counted;
use crate::sealed_under::SealedUnder;
use crate::{encryption_context, errors, sealing};

pub(crate) struct Decrypt;

impl Operation for Decrypt {
    type Api = operations::Decrypt;
    type Target = SealedUnder;
    const TRACKS_USE: bool = true;

    async fn access(input: &DecryptRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let named = input.key_id.as_deref();
        let algorithm = sealing::algorithm(input.encryption_algorithm);
        let key = match sealing::ignores_ciphertext(input.dry_run, &input.dry_run_modifiers)? {
            true => SealedUnder::named(look, named, "KeyId").await?,
            false => {
                let ciphertext = sealing::check_ciphertext(&input.ciphertext_blob)?;
                SealedUnder::find(look, ciphertext, named, algorithm).await?
            }
        };
        let needs = permission::Decrypt {
            key: key.resource_in(&input.encryption_context),
            encryption_algorithm: Some(Cow::Borrowed(algorithm.as_str())),
            encryption_context: encryption_context::requested(&input.encryption_context)?,
            recipient_attestation: None,
            request_alias: key.request_alias(),
        };
        let counted = Counted::on(key.key().ok());
        Ok(counted.by(Access::to(key, needs)))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DecryptResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        sealing::check_recipient(&input.recipient)?;
        token::check(call.look(), &input.grant_tokens).await?;
        let algorithm = sealing::check_algorithm(&call, key, input.encryption_algorithm)?;
        if sealing::ignores_ciphertext(input.dry_run, &input.dry_run_modifiers)? {
            key.materials(call.call().now())?;
            sealing::is_tried_elsewhere(&call, key, input.dry_run, None).await?;
            sealing::check_dry_run(input.dry_run)?;
        }
        let ciphertext = sealing::check_ciphertext(&input.ciphertext_blob)?;
        if sealing::is_tried_elsewhere(&call, key, input.dry_run, Some(ciphertext)).await? {
            return Err(errors::dry_run());
        }
        let context = &input.encryption_context;
        let opened = sealing::decrypt(&call, key, algorithm, context, ciphertext).await?;
        sealing::check_dry_run(input.dry_run)?;
        Ok(DecryptResponse {
            key_id: Some(key.arn.to_string()),
            plaintext: Some(Secret::new(Blob::from(
                opened.plaintext.expose().as_slice(),
            ))),
            encryption_algorithm: Some(sealing::algorithm(input.encryption_algorithm)),
            ciphertext_for_recipient: None,
            key_material_id: opened.material_id.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, NO_KEY, alcazar, arn, blob, unblob};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn opens_what_was_encrypted() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let input = json!({"KeyId": key, "Plaintext": blob("hunter2"), "EncryptionContext": {"a": "1", "b": "2"}});
        let sealed = root
            .kms("Encrypt", input)
            .await
            .ok()
            .field("CiphertextBlob");
        let input = json!({"CiphertextBlob": sealed, "EncryptionContext": {"b": "2", "a": "1"}});
        let opened = root.kms("Decrypt", input).await.ok();
        assert_eq!(unblob(&opened.field("Plaintext")), b"hunter2");
        assert_eq!(opened.field("KeyId"), arn(&key));
        assert_eq!(opened.field("EncryptionAlgorithm"), "SYMMETRIC_DEFAULT");
        assert_eq!(opened.field("KeyMaterialId").len(), 64);
        let event = alcazar.event("Decrypt").await;
        assert_eq!(
            event["requestParameters"],
            json!({"encryptionContext": {"a": "1", "b": "2"}})
        );
        assert_eq!(event["responseElements"], Value::Null);
        assert_eq!(event["resources"][0]["ARN"], arn(&key));
        assert_eq!(event["readOnly"], true);
        assert!(!event.to_string().contains(&blob("hunter2")));
    }

    #[tokio::test]
    async fn another_context_or_a_changed_byte_opens_nothing() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        let input = json!({"KeyId": key, "Plaintext": blob("x"), "EncryptionContext": {"a": "1"}});
        let sealed = root
            .kms("Encrypt", input)
            .await
            .ok()
            .field("CiphertextBlob");
        let decrypt = async |ciphertext: String, context: Value| {
            let input =
                json!({"CiphertextBlob": ciphertext, "EncryptionContext": context, "KeyId": key});
            root.kms("Decrypt", input).await
        };
        decrypt(sealed.clone(), json!({"a": "1"})).await.ok();
        for context in [
            json!({}),
            json!({"a": "2"}),
            json!({"A": "1"}),
            json!({"a": "1", "b": ""}),
        ] {
            let refused = decrypt(sealed.clone(), context).await;
            refused.fails("InvalidCiphertextException").saying("");
        }
        let bytes = unblob(&sealed);
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            let refused = decrypt(blob(altered), json!({"a": "1"})).await;
            let code = refused.code();
            assert!(
                matches!(
                    &*code,
                    "InvalidCiphertextException" | "IncorrectKeyException"
                ),
                "{at}: {code}"
            );
        }
        for bytes in [&b"x"[..], &bytes[..20], &[0; 6144]] {
            decrypt(blob(bytes), json!({"a": "1"}))
                .await
                .fails("InvalidCiphertextException");
        }
        let unnamed = root
            .kms("Decrypt", json!({"CiphertextBlob": blob("x")}))
            .await;
        unnamed.fails("InvalidCiphertextException").saying("");
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let (key, other) = (root.new_key().await, root.new_key().await);
        let sealed = root.encrypted(&key, "x").await;
        let incorrect = "The key ID in the request does not identify a CMK that can perform this \
                         operation.";
        let null = "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy \
                    constraint: Member must not be null";
        let dry_run = "The request would have succeeded, but the DryRun option is set.";
        for (extra, code, words) in [
            (json!({"KeyId": other}), "IncorrectKeyException", incorrect),
            (
                json!({"EncryptionAlgorithm": "RSAES_OAEP_SHA_256", "KeyId": key}),
                "InvalidKeyUsageException",
                "Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT.",
            ),
            (
                json!({"GrantTokens": ["t"]}),
                "InvalidGrantTokenException",
                "The grant token is not valid.",
            ),
            (
                json!({"Recipient": {}}),
                "ValidationException",
                "The attestation document in Recipient is not one of a source that is trusted.",
            ),
            (
                json!({"DryRunModifiers": ["IGNORE_CIPHERTEXT"]}),
                "ValidationException",
                "DryRunModifiers can be specified only when DryRun is true.",
            ),
            (
                json!({"DryRun": true, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}),
                "ValidationException",
                "KeyId is required when the ciphertext is ignored.",
            ),
            (
                json!({"DryRun": true, "DryRunModifiers": ["IGNORE_CIPHERTEXT"],
                    "KeyId": key, "CiphertextBlob": null}),
                "DryRunOperationException",
                dry_run,
            ),
            (
                json!({"CiphertextBlob": null, "KeyId": key}),
                "ValidationException",
                null,
            ),
            (json!({"DryRun": true}), "DryRunOperationException", dry_run),
        ] {
            let mut input = json!({"CiphertextBlob": sealed});
            input
                .as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            root.kms("Decrypt", input).await.fails(code).saying(words);
        }
        let input = json!({"CiphertextBlob": blob("x"), "KeyId": key, "DryRun": true});
        root.kms("Decrypt", input)
            .await
            .fails("InvalidCiphertextException");
        let input = json!({"CiphertextBlob": blob(vec![0; 6145])});
        root.kms("Decrypt", input)
            .await
            .fails("ValidationException");
    }

    #[tokio::test]
    async fn a_ciphertext_of_another_region_or_of_no_key() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let sealed = root.encrypted(&key, "x").await;
        let words = "The ciphertext refers to a customer master key that does not exist, does not \
                     exist in this region, or you are not allowed to access.";
        let abroad = root
            .region("eu-west-1")
            .kms("Decrypt", json!({"CiphertextBlob": sealed}))
            .await;
        abroad.fails("AccessDeniedException").saying(words);
        let mut bytes = unblob(&sealed);
        let id: Vec<u8> = hex::decode(NO_KEY.replace('-', "")).unwrap();
        bytes[16..32].copy_from_slice(&id);
        let lost = root
            .kms("Decrypt", json!({"CiphertextBlob": blob(bytes)}))
            .await;
        lost.fails("AccessDeniedException").saying(words);
    }
}
