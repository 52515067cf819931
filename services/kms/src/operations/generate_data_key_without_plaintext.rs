//! `kms:GenerateDataKeyWithoutPlaintext`: a new key for the caller, encrypted, for later.

use std::borrow::Cow;

use kms_api::shapes::{
    GenerateDataKeyWithoutPlaintextRequest, GenerateDataKeyWithoutPlaintextResponse,
};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::grant::token;
use crate::quotas::Counted;
use crate::sought::Sought;
use crate::{data_key, encryption_context, errors, sealing};

pub(crate) struct GenerateDataKeyWithoutPlaintext;

impl Operation for GenerateDataKeyWithoutPlaintext {
    type Api = operations::GenerateDataKeyWithoutPlaintext;
    type Target = Sought;
    const TRACKS_USE: bool = true;

    async fn access(
        input: &GenerateDataKeyWithoutPlaintextRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let needs = permission::GenerateDataKeyWithoutPlaintext {
            key: sought.resource_in(&input.encryption_context),
            encryption_algorithm: Some(Cow::Borrowed("SYMMETRIC_DEFAULT")),
            encryption_context: encryption_context::requested(&input.encryption_context)?,
            request_alias: sought.request_alias(),
        };
        let counted = Counted::in_store_of(sought.key().ok());
        Ok(counted.by(Access::to(sought, needs)))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<GenerateDataKeyWithoutPlaintextResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        token::check(call.look(), &input.grant_tokens).await?;
        let algorithm = sealing::check_algorithm(&call, key, None)?;
        let plaintext = data_key::generate(input.key_spec, input.number_of_bytes)?;
        let context = &input.encryption_context;
        if sealing::is_tried_elsewhere(&call, key, input.dry_run, None).await? {
            return Err(errors::dry_run());
        }
        let sealed = sealing::encrypt(&call, key, algorithm, context, plaintext.expose()).await?;
        sealing::check_dry_run(input.dry_run)?;
        Ok(GenerateDataKeyWithoutPlaintextResponse {
            ciphertext_blob: Some(sealed),
            key_id: Some(key.arn.to_string()),
            key_material_id: crate::metadata::current_material_id(key),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, unblob};
    use serde_json::{Value, json};

    const NAME: &str = "GenerateDataKeyWithoutPlaintext";

    #[tokio::test]
    async fn only_decrypt_shows_the_key() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let made = root
            .kms(NAME, json!({"KeyId": key, "KeySpec": "AES_128"}))
            .await
            .ok();
        assert_eq!(made.field("KeyId"), arn(&key));
        assert_eq!(made.field("KeyMaterialId").len(), 64);
        assert_eq!(made.field("Plaintext"), "");
        let sealed = made.field("CiphertextBlob");
        let opened = root
            .kms("Decrypt", json!({"CiphertextBlob": sealed}))
            .await
            .ok();
        assert_eq!(unblob(&opened.field("Plaintext")).len(), 16);
        let event = alcazar.event(NAME).await;
        assert_eq!(
            event["requestParameters"],
            json!({"keyId": key, "keySpec": "AES_128"})
        );
        assert_eq!(event["responseElements"], Value::Null);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        for (input, code) in [
            (json!({}), "ValidationException"),
            (
                json!({"KeySpec": "AES_256", "NumberOfBytes": 32}),
                "ValidationException",
            ),
            (json!({"NumberOfBytes": 0}), "ValidationException"),
            (
                json!({"KeySpec": "AES_256", "GrantTokens": ["t"]}),
                "InvalidGrantTokenException",
            ),
            (
                json!({"KeySpec": "AES_256", "DryRun": true}),
                "DryRunOperationException",
            ),
        ] {
            let mut input = input;
            input["KeyId"] = json!(key);
            root.kms(NAME, input).await.fails(code);
        }
        let input = json!({"KeyId": key, "KeySpec": "AES_256"});
        root.kms("DisableKey", json!({"KeyId": key})).await.ok();
        root.kms(NAME, input.clone())
            .await
            .fails("DisabledException");
        root.kms("ScheduleKeyDeletion", json!({"KeyId": key}))
            .await
            .ok();
        root.kms(NAME, input)
            .await
            .fails("KMSInvalidStateException");
    }
}
