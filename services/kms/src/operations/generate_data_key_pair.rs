//! `kms:GenerateDataKeyPair`: a new key pair for the caller, the private key in plaintext and encrypted.

use std::borrow::Cow;

use base::Secret;
use kms_api::shapes::{GenerateDataKeyPairRequest, GenerateDataKeyPairResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Blob;

use crate::encryption_context;
use crate::grant::token;
use crate::sought::Sought;
use crate::{data_key_pair, metadata, quotas, sealing};

pub(crate) struct GenerateDataKeyPair;

impl Operation for GenerateDataKeyPair {
    type Api = operations::GenerateDataKeyPair;
    type Target = Sought;
    const TRACKS_USE: bool = true;

    async fn access(
        input: &GenerateDataKeyPairRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let needs = permission::GenerateDataKeyPair {
            key: sought.resource_in(&input.encryption_context),
            data_key_pair_spec: Some(Cow::Borrowed(input.key_pair_spec.as_str())),
            encryption_algorithm: Some(Cow::Borrowed("SYMMETRIC_DEFAULT")),
            encryption_context: encryption_context::requested(&input.encryption_context)?,
            recipient_attestation: None,
            request_alias: sought.request_alias(),
        };
        let quota = quotas::of_pairs(input.key_pair_spec);
        Ok(Access::to(sought, needs).counting(quota))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GenerateDataKeyPairResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        sealing::check_recipient(&input.recipient)?;
        token::check(call.look(), &input.grant_tokens).await?;
        let algorithm = sealing::check_algorithm(&call, key, None)?;
        data_key_pair::check_key(key)?;
        data_key_pair::check(input.key_pair_spec)?;
        sealing::check_dry_run(input.dry_run)?;
        let pair = data_key_pair::generate(input.key_pair_spec).await?;
        let private = pair.pkcs8().map_err(Failure::internal)?;
        let context = &input.encryption_context;
        let sealed = sealing::encrypt(&call, key, algorithm, context, private.expose()).await?;
        Ok(GenerateDataKeyPairResponse {
            private_key_ciphertext_blob: Some(sealed),
            private_key_plaintext: Some(Secret::new(Blob::from(private.expose().as_slice()))),
            public_key: Some(Blob::from(pair.public_key().der())),
            key_id: Some(key.arn.to_string()),
            key_pair_spec: Some(input.key_pair_spec),
            ciphertext_for_recipient: None,
            key_material_id: metadata::current_material_id(key),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, unblob};
    use serde_json::{Value, json};

    const NAMES: [&str; 2] = ["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"];

    /// Lengths of the private key (of RSA keys about) and of the public one.
    const TABLE: &[(&str, usize, usize)] = &[
        ("RSA_2048", 1218, 294),
        ("ECC_NIST_P256", 138, 91),
        ("ECC_NIST_P384", 185, 120),
        ("ECC_NIST_P521", 241, 158),
        ("ECC_SECG_P256K1", 135, 88),
        ("ECC_NIST_EDWARDS25519", 48, 44),
        ("ML_KEM_512", 86, 822),
        ("ML_KEM_768", 86, 1206),
        ("ML_KEM_1024", 86, 1590),
    ];

    #[tokio::test]
    async fn decrypt_shows_the_private_key() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        for (spec, private, public) in TABLE {
            for name in NAMES {
                alcazar.clock.advance_seconds(1);
                let input = json!({"KeyId": key, "KeyPairSpec": spec,
                    "EncryptionContext": {"a": "1"}});
                let made = root.kms(name, input).await.ok();
                assert_eq!(made.field("KeyId"), arn(&key));
                assert_eq!(made.field("KeyPairSpec"), *spec);
                assert_eq!(made.field("KeyMaterialId").len(), 64);
                assert_eq!(unblob(&made.field("PublicKey")).len(), *public, "{spec}");
                let event = alcazar.event(name).await;
                assert_eq!(event["requestParameters"]["keyPairSpec"], *spec);
                assert_eq!(event["responseElements"], Value::Null);
                assert_eq!(event["readOnly"], true);
                let input = json!({"CiphertextBlob": made.field("PrivateKeyCiphertextBlob"),
                    "EncryptionContext": {"a": "1"}});
                let opened = root.kms("Decrypt", input).await.ok().field("Plaintext");
                let length = unblob(&opened).len();
                assert!(length.abs_diff(*private) <= 4, "{spec}: {length}");
                let shown = made.field("PrivateKeyPlaintext");
                match name.ends_with("WithoutPlaintext") {
                    true => assert_eq!(shown, ""),
                    false => assert_eq!(shown, opened),
                }
            }
        }
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        let rsa = root.new_key_of("RSA_2048", "ENCRYPT_DECRYPT").await;
        let hmac = root.new_key_of("HMAC_256", "GENERATE_VERIFY_MAC").await;
        for name in NAMES {
            let usage = format!(
                "{} key usage is GENERATE_VERIFY_MAC which is not valid for {name}.",
                arn(&hmac)
            );
            for (key, spec, extra, code, words) in [
                (
                    &hmac,
                    "RSA_2048",
                    json!({}),
                    "InvalidKeyUsageException",
                    usage.as_str(),
                ),
                (
                    &rsa,
                    "RSA_2048",
                    json!({}),
                    "InvalidKeyUsageException",
                    "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.",
                ),
                (
                    &key,
                    "SM2",
                    json!({}),
                    "UnsupportedOperationException",
                    "KeySpec SM2 is not supported",
                ),
                (
                    &key,
                    "RSA_4096",
                    json!({"GrantTokens": ["t"]}),
                    "InvalidGrantTokenException",
                    "The grant token is not valid.",
                ),
                (
                    &key,
                    "RSA_4096",
                    json!({"DryRun": true}),
                    "DryRunOperationException",
                    "The request would have succeeded, but the DryRun option is set.",
                ),
            ] {
                let mut input = json!({"KeyId": key, "KeyPairSpec": spec});
                let extra = extra.as_object().unwrap().clone();
                input.as_object_mut().unwrap().extend(extra);
                root.kms(name, input).await.fails(code).saying(words);
            }
        }
        let input = json!({"KeyId": key, "KeyPairSpec": "RSA_2048", "Recipient": {}});
        root.kms(NAMES[0], input).await.fails("ValidationException");
        root.kms("DisableKey", json!({"KeyId": key})).await.ok();
        for name in NAMES {
            let input = json!({"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"});
            root.kms(name, input).await.fails("DisabledException");
        }
    }

    #[tokio::test]
    async fn policies_see_spec_and_context() {
        let alcazar = alcazar().await;
        let key = alcazar.root().new_key().await;
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": "kms:GenerateDataKeyPair*", "Resource": "*", "Condition": {"StringEquals": {
                "kms:DataKeyPairSpec": "ECC_NIST_P256",
                "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
                "kms:EncryptionContext:a": "1"}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        for name in NAMES {
            for (spec, context, allowed) in [
                ("ECC_NIST_P256", json!({"a": "1"}), true),
                ("ECC_NIST_P256", json!({"a": "2"}), false),
                ("ECC_NIST_P384", json!({"a": "1"}), false),
            ] {
                let input = json!({"KeyId": key, "KeyPairSpec": spec,
                    "EncryptionContext": context});
                let answer = ann.kms(name, input).await;
                match allowed {
                    true => drop(answer.ok()),
                    false => drop(answer.fails("AccessDeniedException")),
                }
            }
        }
    }
}
