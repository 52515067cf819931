//! `kms:GetPublicKey`.

use kms_api::shapes::{CustomerMasterKeySpec, GetPublicKeyRequest, GetPublicKeyResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Blob;

use crate::grant::token;
use crate::key_spec::{self, Kind};
use crate::sought::Sought;
use crate::{errors, stored, usage};

pub(crate) struct GetPublicKey;

impl Operation for GetPublicKey {
    type Api = operations::GetPublicKey;
    type Target = Sought;

    async fn access(
        input: &GetPublicKeyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let needs = permission::GetPublicKey {
            key: sought.resource(),
            request_alias: sought.request_alias(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetPublicKeyResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        token::check(call.look(), &input.grant_tokens).await?;
        if !matches!(key_spec::kind(key.spec)?, Kind::Pair(_)) {
            return Err(errors::no_public_key(&key.arn, key.spec.as_str()));
        }
        let public = usage::public_key(&call, key, key.usage)?;
        Ok(GetPublicKeyResponse {
            key_id: Some(key.arn.to_string()),
            public_key: Some(Blob::from(public.der())),
            customer_master_key_spec: stored::named::<CustomerMasterKeySpec>(key.spec.as_str()),
            key_spec: Some(key.spec),
            key_usage: Some(key.usage),
            encryption_algorithms: key_spec::encryption_algorithms(key),
            signing_algorithms: key_spec::signing_algorithms(key),
            key_agreement_algorithms: key_spec::key_agreement_algorithms(key),
            encapsulation_algorithms: key_spec::encapsulation_algorithms(key),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, unblob};
    use serde_json::{Value, json};

    /// Each spec with a usage, where it lists which algorithms, and the length of its public key.
    const TABLE: &[(&str, &str, &str, &[&str], usize)] = &[
        (
            "RSA_2048",
            "ENCRYPT_DECRYPT",
            "EncryptionAlgorithms",
            &["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
            294,
        ),
        (
            "ECC_NIST_P256",
            "SIGN_VERIFY",
            "SigningAlgorithms",
            &["ECDSA_SHA_256"],
            91,
        ),
        (
            "ECC_NIST_P384",
            "KEY_AGREEMENT",
            "KeyAgreementAlgorithms",
            &["ECDH"],
            120,
        ),
        (
            "ECC_NIST_EDWARDS25519",
            "SIGN_VERIFY",
            "SigningAlgorithms",
            &["ED25519_SHA_512", "ED25519_PH_SHA_512"],
            44,
        ),
        (
            "ML_DSA_44",
            "SIGN_VERIFY",
            "SigningAlgorithms",
            &["ML_DSA_SHAKE_256"],
            1334,
        ),
        (
            "ML_KEM_768",
            "ENCAPSULATE_DECAPSULATE",
            "EncapsulationAlgorithms",
            &["ML_KEM"],
            1206,
        ),
    ];

    #[tokio::test]
    async fn of_every_kind_of_key_pair() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for (spec, usage, member, algorithms, length) in TABLE {
            let key = root.new_key_of(spec, usage).await;
            let got = root.kms("GetPublicKey", json!({"KeyId": key})).await.ok();
            assert_eq!(unblob(&got.field("PublicKey")).len(), *length, "{spec}");
            let mut rest = got.json().unwrap();
            rest["PublicKey"] = Value::Null;
            let mut expected = json!({"KeyId": arn(&key), "PublicKey": null, "KeySpec": spec,
                "KeyUsage": usage});
            expected[*member] = json!(algorithms);
            if !spec.starts_with("ML_") && *spec != "ECC_NIST_EDWARDS25519" {
                expected["CustomerMasterKeySpec"] = json!(spec);
            }
            assert_eq!(rest, expected, "{spec}");
            let described = root.kms("DescribeKey", json!({"KeyId": key})).await.ok();
            let metadata = &described.json().unwrap()["KeyMetadata"];
            assert_eq!(metadata[*member], expected[*member], "{spec}");
            assert_eq!(metadata["KeySpec"], *spec);
            assert_eq!(metadata["KeyUsage"], *usage);
            assert_eq!(metadata["CurrentKeyMaterialId"], Value::Null, "{spec}");
            let event = alcazar.event("GetPublicKey").await;
            assert_eq!(event["requestParameters"], json!({"keyId": key}));
            assert_eq!(event["responseElements"], Value::Null);
            assert_eq!(event["readOnly"], true);
            alcazar.clock.advance_seconds(1);
        }
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        for (spec, usage) in [
            ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
            ("HMAC_256", "GENERATE_VERIFY_MAC"),
        ] {
            let key = root.new_key_of(spec, usage).await;
            let refused = root.kms("GetPublicKey", json!({"KeyId": key})).await;
            refused
                .fails("UnsupportedOperationException")
                .saying(&format!(
                    "{} has key spec {spec} which is not valid for this operation.",
                    arn(&key)
                ));
        }
        let key = root.new_key_of("ECC_NIST_P256", "SIGN_VERIFY").await;
        let input = json!({"KeyId": key, "GrantTokens": ["t"]});
        root.kms("GetPublicKey", input)
            .await
            .fails("InvalidGrantTokenException");
        root.kms("DisableKey", json!({"KeyId": key})).await.ok();
        let input = json!({"KeyId": key});
        root.kms("GetPublicKey", input)
            .await
            .fails("DisabledException");
    }
}
