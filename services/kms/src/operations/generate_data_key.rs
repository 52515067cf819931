//! `kms:GenerateDataKey`: a new key for the caller, in plaintext and encrypted.

use std::borrow::Cow;

use kms_api::shapes::{GenerateDataKeyRequest, GenerateDataKeyResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::grant::token;
use crate::quotas::Counted;
use crate::sought::Sought;
use crate::{data_key, encryption_context, errors, sealing};

pub(crate) struct GenerateDataKey;

impl Operation for GenerateDataKey {
    type Api = operations::GenerateDataKey;
    type Target = Sought;
    const TRACKS_USE: bool = true;

    async fn access(
        input: &GenerateDataKeyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let needs = permission::GenerateDataKey {
            key: sought.resource_in(&input.encryption_context),
            encryption_algorithm: Some(Cow::Borrowed("SYMMETRIC_DEFAULT")),
            encryption_context: encryption_context::requested(&input.encryption_context)?,
            recipient_attestation: None,
            request_alias: sought.request_alias(),
        };
        let counted = Counted::in_store_of(sought.key().ok());
        Ok(counted.by(Access::to(sought, needs)))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GenerateDataKeyResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        sealing::check_recipient(&input.recipient)?;
        token::check(call.look(), &input.grant_tokens).await?;
        let algorithm = sealing::check_algorithm(&call, key, None)?;
        let plaintext = data_key::generate(input.key_spec, input.number_of_bytes)?;
        let context = &input.encryption_context;
        if sealing::is_tried_elsewhere(&call, key, input.dry_run, None).await? {
            return Err(errors::dry_run());
        }
        let sealed = sealing::encrypt(&call, key, algorithm, context, plaintext.expose()).await?;
        sealing::check_dry_run(input.dry_run)?;
        Ok(GenerateDataKeyResponse {
            ciphertext_blob: Some(sealed),
            plaintext: Some(plaintext),
            key_id: Some(key.arn.to_string()),
            ciphertext_for_recipient: None,
            key_material_id: crate::metadata::current_material_id(key),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, unblob};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn the_two_forms_are_one_key() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        for (wanted, length) in [
            (json!({"KeySpec": "AES_256"}), 32),
            (json!({"KeySpec": "AES_128"}), 16),
            (json!({"NumberOfBytes": 1}), 1),
            (json!({"NumberOfBytes": 1024}), 1024),
        ] {
            let mut input = json!({"KeyId": key, "EncryptionContext": {"a": "1"}});
            input
                .as_object_mut()
                .unwrap()
                .extend(wanted.as_object().unwrap().clone());
            let made = root.kms("GenerateDataKey", input).await.ok();
            assert_eq!(made.field("KeyId"), arn(&key));
            assert_eq!(made.field("KeyMaterialId").len(), 64);
            assert_eq!(unblob(&made.field("Plaintext")).len(), length);
            let sealed = made.field("CiphertextBlob");
            let input = json!({"CiphertextBlob": sealed, "EncryptionContext": {"a": "1"}});
            let opened = root.kms("Decrypt", input).await.ok();
            assert_eq!(opened.field("Plaintext"), made.field("Plaintext"));
        }
    }

    #[tokio::test]
    async fn is_recorded_without_the_key() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let input = json!({"KeyId": key, "KeySpec": "AES_256"});
        let made = root.kms("GenerateDataKey", input.clone()).await.ok();
        let event = alcazar.event("GenerateDataKey").await;
        assert_eq!(
            event["requestParameters"],
            json!({"keyId": key, "keySpec": "AES_256"})
        );
        assert_eq!(event["responseElements"], Value::Null);
        assert!(!event.to_string().contains(&made.field("Plaintext")));
        let again = root.kms("GenerateDataKey", input).await.ok();
        assert_ne!(again.field("Plaintext"), made.field("Plaintext"));
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        let one = "Please specify either number of bytes or key spec.";
        for (input, code, words) in [
            (json!({}), "ValidationException", one),
            (
                json!({"KeySpec": "AES_256", "NumberOfBytes": 32}),
                "ValidationException",
                one,
            ),
            (
                json!({"NumberOfBytes": 1025}),
                "ValidationException",
                "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy \
                 constraint: Member must have value less than or equal to 1024",
            ),
            (
                json!({"KeySpec": "AES_256", "Recipient": {}}),
                "ValidationException",
                "The attestation document in Recipient is not one of a source that is trusted.",
            ),
            (
                json!({"KeySpec": "AES_256", "GrantTokens": ["t"]}),
                "InvalidGrantTokenException",
                "The grant token is not valid.",
            ),
            (
                json!({"KeySpec": "AES_256", "DryRun": true}),
                "DryRunOperationException",
                "The request would have succeeded, but the DryRun option is set.",
            ),
        ] {
            let mut input = input;
            input["KeyId"] = json!(key);
            root.kms("GenerateDataKey", input)
                .await
                .fails(code)
                .saying(words);
        }
        let input = json!({"KeyId": key, "KeySpec": "AES_256"});
        root.kms("DisableKey", json!({"KeyId": key})).await.ok();
        root.kms("GenerateDataKey", input.clone())
            .await
            .fails("DisabledException");
        root.kms("ScheduleKeyDeletion", json!({"KeyId": key}))
            .await
            .ok();
        root.kms("GenerateDataKey", input)
            .await
            .fails("KMSInvalidStateException");
    }
}
