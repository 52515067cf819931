//! `kms:GetParametersForImport`: a key to wrap material under that shall be imported, and a token that goes with it.

use std::borrow::Cow;

use base::Secret;
use crypto::KeyPair;
use kms_api::shapes::{GetParametersForImportRequest, GetParametersForImportResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted, long_work};
use wire::Blob;

use super::import_key_material::check_importable;
use crate::import_token::{ImportToken, Wrapping};
use crate::sought::Sought;

pub(crate) struct GetParametersForImport;

impl Operation for GetParametersForImport {
    type Api = operations::GetParametersForImport;
    type Target = Sought;

    async fn access(
        input: &GetParametersForImportRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::GetParametersForImport {
            key: sought.resource(),
            wrapping_algorithm: Some(Cow::Borrowed(input.wrapping_algorithm.as_str())),
            wrapping_key_spec: Some(Cow::Borrowed(input.wrapping_key_spec.as_str())),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetParametersForImportResponse, Failure> {
        let (input, key) = (call.input(), call.target().key()?);
        check_importable(key)?;
        let (algorithm, spec) = (input.wrapping_algorithm, input.wrapping_key_spec);
        let wrapping = Wrapping::choose(key.spec, algorithm, spec)?;
        let pair = long_work(move || KeyPair::generate(wrapping.key_spec()));
        let pair = pair.await?.map_err(Failure::internal)?;
        let public_key = Blob(pair.public_key().der().to_vec());
        let token = ImportToken::new(wrapping, pair, call.call().now());
        let sealed = token.seal(&call.domain_key()?, key)?;
        Ok(GetParametersForImportResponse {
            key_id: Some(key.arn.to_string()),
            import_token: Some(Blob(sealed)),
            public_key: Some(Secret::new(public_key)),
            parameters_valid_to: Some(token.valid_to),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, unblob};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn a_wrapping_key_for_a_day() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_imported_key(json!({})).await;
        let input = json!({"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
            "WrappingKeySpec": "RSA_2048"});
        let answer = root.kms("GetParametersForImport", input.clone()).await.ok();
        assert_eq!(answer.field("KeyId"), arn(&key));
        assert_eq!(answer.field("ParametersValidTo"), "1795502293");
        assert_eq!(unblob(&answer.field("PublicKey")).len(), 294);
        let again = root.kms("GetParametersForImport", input).await.ok();
        assert_ne!(again.field("PublicKey"), answer.field("PublicKey"));
        let event = alcazar.event("GetParametersForImport").await;
        assert_eq!(
            event["requestParameters"],
            json!({"keyId": key, "wrappingAlgorithm": "RSAES_OAEP_SHA_256",
                "wrappingKeySpec": "RSA_2048"})
        );
        assert_eq!(event["responseElements"], Value::Null);
        assert_eq!(event["readOnly"], true);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let made_here = root.new_key().await;
        let imported = root.new_imported_key(json!({})).await;
        let unsupported = "UnsupportedOperationException";
        for (key, algorithm, spec, code, words) in [
            (
                &made_here,
                "RSAES_OAEP_SHA_256",
                "RSA_2048",
                unsupported,
                format!(
                    "{} origin is AWS_KMS which is not valid for this operation.",
                    arn(&made_here)
                ),
            ),
            (
                &imported,
                "RSAES_PKCS1_V1_5",
                "RSA_2048",
                unsupported,
                "Wrapping algorithm RSAES_PKCS1_V1_5 is not supported.".into(),
            ),
            (
                &imported,
                "SM2PKE",
                "SM2",
                unsupported,
                "Wrapping algorithm SM2PKE is not supported.".into(),
            ),
            (
                &imported,
                "RSA_AES_KEY_WRAP_SHA_256",
                "RSA_4096",
                unsupported,
                "Wrapping algorithm RSA_AES_KEY_WRAP_SHA_256 with wrapping key spec RSA_4096 is \
                 not supported for key spec SYMMETRIC_DEFAULT."
                    .into(),
            ),
        ] {
            let input =
                json!({"KeyId": key, "WrappingAlgorithm": algorithm, "WrappingKeySpec": spec});
            let refused = root.kms("GetParametersForImport", input).await;
            refused.fails(code).saying(&words);
        }
        root.kms("ScheduleKeyDeletion", json!({"KeyId": imported}))
            .await
            .ok();
        let input = json!({"KeyId": imported, "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
            "WrappingKeySpec": "RSA_2048"});
        root.kms("GetParametersForImport", input)
            .await
            .fails("KMSInvalidStateException")
            .saying(&format!("{} is pending deletion.", arn(&imported)));
    }

    #[tokio::test]
    async fn policies_see_algorithm_and_spec() {
        let alcazar = alcazar().await;
        let key = alcazar.root().new_imported_key(json!({})).await;
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": "kms:GetParametersForImport", "Resource": "*", "Condition": {"StringEquals":
            {"kms:WrappingAlgorithm": "RSAES_OAEP_SHA_256", "kms:WrappingKeySpec": "RSA_2048"}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        for (algorithm, spec, allowed) in [
            ("RSAES_OAEP_SHA_256", "RSA_2048", true),
            ("RSAES_OAEP_SHA_1", "RSA_2048", false),
            ("RSAES_OAEP_SHA_256", "RSA_3072", false),
        ] {
            let input =
                json!({"KeyId": key, "WrappingAlgorithm": algorithm, "WrappingKeySpec": spec});
            let answer = ann.kms("GetParametersForImport", input).await;
            match allowed {
                true => answer.ok(),
                false => answer.fails("AccessDeniedException"),
            };
        }
    }
}
