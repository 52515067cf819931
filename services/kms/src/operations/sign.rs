//! `kms:Sign`.

use std::borrow::Cow;

use kms_api::shapes::{KeyUsageType, SignRequest, SignResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Blob;

use crate::grant::token;
use crate::quotas::Counted;
use crate::sought::Sought;
use crate::{sealing, signing, usage};

pub(crate) struct Sign;

impl Operation for Sign {
    type Api = operations::Sign;
    type Target = Sought;
    const TRACKS_USE: bool = true;

    async fn access(input: &SignRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let message_type = signing::message_type(input.message_type);
        let needs = permission::Sign {
            key: sought.resource(),
            message_type: Some(Cow::Borrowed(message_type.as_str())),
            request_alias: sought.request_alias(),
            signing_algorithm: Some(Cow::Borrowed(input.signing_algorithm.as_str())),
        };
        let counted = Counted::on(sought.key().ok());
        Ok(counted.by(Access::to(sought, needs)))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<SignResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        token::check(call.look(), &input.grant_tokens).await?;
        let pair = usage::pair(&call, key, KeyUsageType::SignVerify)?;
        let (algorithm, message) = (input.signing_algorithm, input.message.expose());
        let signable = signing::signable(key, pair, algorithm, input.message_type, message)?;
        sealing::check_dry_run(input.dry_run)?;
        let signature = pair.sign(&signable).map_err(Failure::internal)?;
        Ok(SignResponse {
            key_id: Some(key.arn.to_string()),
            signature: Some(Blob(signature)),
            signing_algorithm: Some(algorithm),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, blob, unblob};
    use serde_json::{Value, json};

    /// Each spec that signs, one of its algorithms, and a type of message with its length.
    const TABLE: &[(&str, &str, &str, usize)] = &[
        ("RSA_2048", "RSASSA_PSS_SHA_256", "RAW", 4096),
        ("RSA_2048", "RSASSA_PSS_SHA_384", "DIGEST", 48),
        ("RSA_2048", "RSASSA_PSS_SHA_512", "DIGEST", 64),
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256", "DIGEST", 32),
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_384", "RAW", 1),
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512", "RAW", 64),
        ("ECC_NIST_P256", "ECDSA_SHA_256", "RAW", 1),
        ("ECC_NIST_P384", "ECDSA_SHA_384", "DIGEST", 48),
        ("ECC_NIST_P521", "ECDSA_SHA_512", "DIGEST", 64),
        ("ECC_SECG_P256K1", "ECDSA_SHA_256", "DIGEST", 32),
        ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", "RAW", 4096),
        ("ECC_NIST_EDWARDS25519", "ED25519_PH_SHA_512", "DIGEST", 64),
        ("ML_DSA_44", "ML_DSA_SHAKE_256", "RAW", 4096),
        ("ML_DSA_65", "ML_DSA_SHAKE_256", "EXTERNAL_MU", 64),
        ("ML_DSA_87", "ML_DSA_SHAKE_256", "RAW", 1),
    ];

    #[tokio::test]
    async fn verify_takes_what_sign_gave_and_nothing_else() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let (mut spec_before, mut key) = ("", String::new());
        for (spec, algorithm, message_type, length) in TABLE {
            alcazar.clock.advance_seconds(1);
            if *spec != spec_before {
                key = root.new_key_of(spec, "SIGN_VERIFY").await;
                spec_before = spec;
            }
            let message = blob(vec![7; *length]);
            let mut input = json!({"KeyId": key, "SigningAlgorithm": algorithm,
                "MessageType": message_type, "Message": message});
            let signed = root.kms("Sign", input.clone()).await.ok();
            assert_eq!(signed.field("KeyId"), arn(&key));
            assert_eq!(signed.field("SigningAlgorithm"), *algorithm);
            let signature = unblob(&signed.field("Signature"));
            input["Signature"] = json!(blob(&signature));
            let verified = root.kms("Verify", input.clone()).await.ok();
            assert_eq!(verified.field("SignatureValid"), "true");
            assert_eq!(verified.field("KeyId"), arn(&key));
            assert_eq!(verified.field("SigningAlgorithm"), *algorithm);
            let mut altered = signature.clone();
            altered[20] ^= 1;
            input["Signature"] = json!(blob(altered));
            root.kms("Verify", input.clone())
                .await
                .fails("KMSInvalidSignatureException");
            input["Signature"] = json!(blob(&signature));
            input["Message"] = json!(blob(vec![8; *length]));
            root.kms("Verify", input)
                .await
                .fails("KMSInvalidSignatureException");
        }
    }

    #[tokio::test]
    async fn the_record_has_no_message() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key_of("ECC_NIST_P256", "SIGN_VERIFY").await;
        let input = json!({"KeyId": key, "SigningAlgorithm": "ECDSA_SHA_256", "MessageType": "RAW",
            "Message": blob("hunter2")});
        let signed = root.kms("Sign", input.clone()).await.ok();
        let event = alcazar.event("Sign").await;
        let shown =
            json!({"keyId": key, "messageType": "RAW", "signingAlgorithm": "ECDSA_SHA_256"});
        assert_eq!(event["requestParameters"], shown);
        assert_eq!(event["responseElements"], Value::Null);
        assert_eq!(event["resources"][0]["ARN"], arn(&key));
        assert_eq!(event["readOnly"], true);
        let mut input = input;
        input["Signature"] = json!(signed.field("Signature"));
        root.kms("Verify", input).await.ok();
        let event = alcazar.event("Verify").await;
        assert_eq!(
            event["requestParameters"]["signingAlgorithm"],
            "ECDSA_SHA_256"
        );
        assert_eq!(event["responseElements"], Value::Null);
        assert!(!event.to_string().contains(&blob("hunter2")));
    }

    /// Each spec, an algorithm, a type of message with its length, and why that is refused.
    const REFUSED: &[(&str, &str, &str, usize, &str, &str)] = &[
        (
            "ECC_NIST_P256",
            "ECDSA_SHA_384",
            "RAW",
            1,
            "InvalidKeyUsageException",
            "Algorithm ECDSA_SHA_384 is incompatible with key spec ECC_NIST_P256.",
        ),
        (
            "ECC_NIST_P256",
            "SM2DSA",
            "RAW",
            1,
            "InvalidKeyUsageException",
            "Algorithm SM2DSA is incompatible with key spec ECC_NIST_P256.",
        ),
        (
            "ECC_NIST_P256",
            "ECDSA_SHA_256",
            "DIGEST",
            31,
            "ValidationException",
            "Digest is invalid length for algorithm ECDSA_SHA_256.",
        ),
        (
            "ECC_NIST_P256",
            "ECDSA_SHA_256",
            "EXTERNAL_MU",
            64,
            "ValidationException",
            "Message type EXTERNAL_MU is incompatible with algorithm ECDSA_SHA_256.",
        ),
        (
            "ECC_NIST_EDWARDS25519",
            "ED25519_SHA_512",
            "DIGEST",
            64,
            "ValidationException",
            "Message type DIGEST is incompatible with algorithm ED25519_SHA_512.",
        ),
        (
            "ECC_NIST_EDWARDS25519",
            "ED25519_PH_SHA_512",
            "RAW",
            64,
            "ValidationException",
            "Message type RAW is incompatible with algorithm ED25519_PH_SHA_512.",
        ),
        (
            "ECC_NIST_EDWARDS25519",
            "ED25519_PH_SHA_512",
            "DIGEST",
            63,
            "ValidationException",
            "Digest is invalid length for algorithm ED25519_PH_SHA_512.",
        ),
        (
            "ML_DSA_44",
            "ML_DSA_SHAKE_256",
            "DIGEST",
            64,
            "ValidationException",
            "Message type DIGEST is incompatible with key spec ML_DSA_44.",
        ),
        (
            "ML_DSA_44",
            "ML_DSA_SHAKE_256",
            "EXTERNAL_MU",
            63,
            "ValidationException",
            "Digest is invalid length for algorithm ML_DSA_SHAKE_256.",
        ),
        (
            "ML_DSA_44",
            "ML_DSA_SHAKE_256",
            "RAW",
            4097,
            "ValidationException",
            "1 validation error detected: Value at 'message' failed to satisfy constraint: \
             Member must have length less than or equal to 4096",
        ),
    ];

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for (spec, algorithm, message_type, length, code, words) in REFUSED {
            alcazar.clock.advance_seconds(1);
            let key = root.new_key_of(spec, "SIGN_VERIFY").await;
            let mut input = json!({"KeyId": key, "SigningAlgorithm": algorithm,
                "MessageType": message_type, "Message": blob(vec![7; *length]), "DryRun": true});
            for operation in ["Sign", "Verify"] {
                let refused = root.kms(operation, input.clone()).await;
                refused.fails(code).saying(words);
                input["Signature"] = json!(blob("x"));
            }
        }
    }

    #[tokio::test]
    async fn a_key_for_something_else_is_refused() {
        let root = alcazar().await.root();
        let key = root.new_key_of("ECC_NIST_P256", "KEY_AGREEMENT").await;
        let mut input =
            json!({"KeyId": key, "SigningAlgorithm": "ECDSA_SHA_256", "Message": blob("x")});
        for operation in ["Sign", "Verify"] {
            let words = format!(
                "{} key usage is KEY_AGREEMENT which is not valid for {operation}.",
                arn(&key)
            );
            let refused = root.kms(operation, input.clone()).await;
            refused.fails("InvalidKeyUsageException").saying(&words);
            input["Signature"] = json!(blob("x"));
        }
    }

    #[tokio::test]
    async fn not_in_every_state_and_not_when_only_tried() {
        let root = alcazar().await.root();
        let key = root.new_key_of("ECC_SECG_P256K1", "SIGN_VERIFY").await;
        let mut input =
            json!({"KeyId": key, "SigningAlgorithm": "ECDSA_SHA_256", "Message": blob("x")});
        let signature = root
            .kms("Sign", input.clone())
            .await
            .ok()
            .field("Signature");
        input["Signature"] = json!(signature);
        for (change, code) in [
            ("EnableKey", "DryRunOperationException"),
            ("DisableKey", "DisabledException"),
            ("ScheduleKeyDeletion", "KMSInvalidStateException"),
        ] {
            root.kms(change, json!({"KeyId": key})).await.ok();
            input["DryRun"] = json!(true);
            for operation in ["Sign", "Verify"] {
                let mut input = input.clone();
                if operation == "Sign" {
                    input.as_object_mut().unwrap().remove("Signature");
                }
                root.kms(operation, input.clone()).await.fails(code);
                input["GrantTokens"] = json!(["t"]);
                root.kms(operation, input)
                    .await
                    .fails("InvalidGrantTokenException");
            }
        }
    }

    #[tokio::test]
    async fn policies_see_algorithm_and_type_of_message() {
        let alcazar = alcazar().await;
        let key = alcazar.root().new_key_of("RSA_2048", "SIGN_VERIFY").await;
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": ["kms:Sign", "kms:Verify"], "Resource": "*", "Condition": {"StringEquals": {
                "kms:SigningAlgorithm": "RSASSA_PSS_SHA_256",
                "kms:MessageType": "DIGEST",
                "kms:KeySpec": "RSA_2048",
                "kms:KeyUsage": "SIGN_VERIFY"}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        for (algorithm, message_type, allowed) in [
            ("RSASSA_PSS_SHA_256", json!("DIGEST"), true),
            ("RSASSA_PSS_SHA_256", json!("RAW"), false),
            ("RSASSA_PSS_SHA_256", Value::Null, false),
            ("RSASSA_PKCS1_V1_5_SHA_256", json!("DIGEST"), false),
        ] {
            let input = json!({"KeyId": key, "SigningAlgorithm": algorithm,
                "MessageType": message_type, "Message": blob([7; 32])});
            let answer = ann.kms("Sign", input).await;
            match allowed {
                true => drop(answer.ok()),
                false => drop(answer.fails("AccessDeniedException")),
            }
        }
    }
}
