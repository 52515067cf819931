//! `kms:Encapsulate`: a new secret, and its ciphertext under an ML-KEM key.

use base::Secret;
use kms_api::shapes::{EncapsulateRequest, EncapsulateResponse, KeyUsageType};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Blob;

use crate::grant::token;
use crate::quotas::Counted;
use crate::sought::Sought;
use crate::{sealing, usage};

pub(crate) struct Encapsulate;

impl Operation for Encapsulate {
    type Api = operations::Encapsulate;
    type Target = Sought;
    const TRACKS_USE: bool = true;

    async fn access(
        input: &EncapsulateRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let needs = permission::Encapsulate {
            key: sought.resource(),
            request_alias: sought.request_alias(),
        };
        let counted = Counted::on(sought.key().ok());
        Ok(counted.by(Access::to(sought, needs)))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<EncapsulateResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        token::check(call.look(), &input.grant_tokens).await?;
        let pair = usage::pair(&call, key, KeyUsageType::EncapsulateDecapsulate)?;
        sealing::check_dry_run(input.dry_run)?;
        let made = pair.public_key().encapsulate().map_err(Failure::internal)?;
        let secret = Blob::from(made.shared_secret.expose().as_slice());
        Ok(EncapsulateResponse {
            key_id: Some(key.arn.to_string()),
            shared_secret: Some(Secret::new(secret)),
            shared_secret_ciphertext_blob: Some(Blob(made.ciphertext)),
            encapsulation_algorithm: Some(input.encapsulation_algorithm),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, blob, unblob};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn decapsulate_recovers_the_secret() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for (spec, length) in [
            ("ML_KEM_512", 768),
            ("ML_KEM_768", 1088),
            ("ML_KEM_1024", 1568),
        ] {
            alcazar.clock.advance_seconds(1);
            let key = root.new_key_of(spec, "ENCAPSULATE_DECAPSULATE").await;
            let input = json!({"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"});
            let made = root.kms("Encapsulate", input.clone()).await.ok();
            assert_eq!(made.field("KeyId"), arn(&key));
            assert_eq!(made.field("EncapsulationAlgorithm"), "ML_KEM");
            let secret = made.field("SharedSecret");
            assert_eq!(unblob(&secret).len(), 32);
            let mut ciphertext = unblob(&made.field("SharedSecretCiphertextBlob"));
            assert_eq!(ciphertext.len(), length);
            let event = alcazar.event("Encapsulate").await;
            assert_eq!(
                event["requestParameters"],
                json!({"keyId": key,
                "encapsulationAlgorithm": "ML_KEM"})
            );
            assert_eq!(event["responseElements"], Value::Null);
            let mut input = input;
            input["SharedSecretCiphertextBlob"] = json!(blob(&ciphertext));
            let opened = root.kms("Decapsulate", input.clone()).await.ok();
            assert_eq!(opened.field("SharedSecret"), secret);
            assert_eq!(opened.field("KeyId"), arn(&key));
            let event = alcazar.event("Decapsulate").await;
            assert_eq!(event["readOnly"], true);
            assert!(!event.to_string().contains(&secret));
            ciphertext[0] ^= 1;
            input["SharedSecretCiphertextBlob"] = json!(blob(&ciphertext));
            let other = root.kms("Decapsulate", input.clone()).await.ok();
            assert_ne!(other.field("SharedSecret"), secret, "implicit rejection");
            input["SharedSecretCiphertextBlob"] = json!(blob(&ciphertext[1..]));
            root.kms("Decapsulate", input)
                .await
                .fails("InvalidCiphertextException");
        }
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let key = root
            .new_key_of("ML_KEM_512", "ENCAPSULATE_DECAPSULATE")
            .await;
        let signing = root.new_key_of("ML_DSA_44", "SIGN_VERIFY").await;
        for operation in ["Encapsulate", "Decapsulate"] {
            let mut input = json!({"KeyId": signing, "EncapsulationAlgorithm": "ML_KEM"});
            if operation == "Decapsulate" {
                input["SharedSecretCiphertextBlob"] = json!(blob([7; 768]));
            }
            let words = format!(
                "{} key usage is SIGN_VERIFY which is not valid for {operation}.",
                arn(&signing)
            );
            let refused = root.kms(operation, input.clone()).await;
            refused.fails("InvalidKeyUsageException").saying(&words);
            input["KeyId"] = json!(key);
            input["GrantTokens"] = json!(["t"]);
            let refused = root.kms(operation, input.clone()).await;
            refused.fails("InvalidGrantTokenException");
            input["GrantTokens"] = Value::Null;
            for (change, code) in [
                ("EnableKey", "DryRunOperationException"),
                ("DisableKey", "DisabledException"),
            ] {
                root.kms(change, json!({"KeyId": key})).await.ok();
                input["DryRun"] = json!(true);
                root.kms(operation, input.clone()).await.fails(code);
            }
        }
    }
}
