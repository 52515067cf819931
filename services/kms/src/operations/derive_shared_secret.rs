//! `kms:DeriveSharedSecret`: a secret shared with the owner of another key pair.

use std::borrow::Cow;

use base::Secret;
use kms_api::shapes::{DeriveSharedSecretRequest, DeriveSharedSecretResponse, KeyUsageType};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Blob;

use crate::grant::token;
use crate::quotas::Counted;
use crate::sought::Sought;
use crate::{errors, sealing, usage};

pub(crate) struct DeriveSharedSecret;

impl Operation for DeriveSharedSecret {
    type Api = operations::DeriveSharedSecret;
    type Target = Sought;
    const TRACKS_USE: bool = true;

    async fn access(
        input: &DeriveSharedSecretRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let algorithm = input.key_agreement_algorithm.as_str();
        let needs = permission::DeriveSharedSecret {
            key: sought.resource(),
            key_agreement_algorithm: Some(Cow::Borrowed(algorithm)),
            recipient_attestation: None,
            request_alias: sought.request_alias(),
        };
        let counted = Counted::on(sought.key().ok());
        Ok(counted.by(Access::to(sought, needs)))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DeriveSharedSecretResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        sealing::check_recipient(&input.recipient)?;
        token::check(call.look(), &input.grant_tokens).await?;
        let pair = usage::pair(&call, key, KeyUsageType::KeyAgreement)?;
        let secret = pair.agree(&input.public_key);
        let secret = secret.map_err(|_| errors::invalid_public_key())?;
        sealing::check_dry_run(input.dry_run)?;
        Ok(DeriveSharedSecretResponse {
            key_id: Some(key.arn.to_string()),
            shared_secret: Some(Secret::new(Blob::from(secret.expose().as_slice()))),
            ciphertext_for_recipient: None,
            key_agreement_algorithm: Some(input.key_agreement_algorithm),
            key_origin: Some(key.origin),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, blob, unblob};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn both_sides_derive_the_same() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for (spec, length) in [
            ("ECC_NIST_P256", 32),
            ("ECC_NIST_P384", 48),
            ("ECC_NIST_P521", 66),
        ] {
            let (one, other) = (
                root.new_key_of(spec, "KEY_AGREEMENT").await,
                root.new_key_of(spec, "KEY_AGREEMENT").await,
            );
            let mut secrets = Vec::new();
            for (mine, theirs) in [(&one, &other), (&other, &one)] {
                let public = root
                    .kms("GetPublicKey", json!({"KeyId": theirs}))
                    .await
                    .ok();
                let input = json!({"KeyId": mine, "KeyAgreementAlgorithm": "ECDH",
                    "PublicKey": public.field("PublicKey")});
                let derived = root.kms("DeriveSharedSecret", input).await.ok();
                assert_eq!(derived.field("KeyId"), arn(mine));
                assert_eq!(derived.field("KeyAgreementAlgorithm"), "ECDH");
                assert_eq!(derived.field("KeyOrigin"), "AWS_KMS");
                secrets.push(derived.field("SharedSecret"));
            }
            assert_eq!(secrets[0], secrets[1]);
            assert_eq!(unblob(&secrets[0]).len(), length);
            let event = alcazar.event("DeriveSharedSecret").await;
            assert_eq!(event["requestParameters"]["keyAgreementAlgorithm"], "ECDH");
            assert_eq!(event["responseElements"], Value::Null);
            assert!(!event.to_string().contains(&secrets[0]));
            alcazar.clock.advance_seconds(1);
        }
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let key = root.new_key_of("ECC_NIST_P256", "KEY_AGREEMENT").await;
        let other = root.new_key_of("ECC_NIST_P384", "KEY_AGREEMENT").await;
        let signing = root.new_key_of("ECC_NIST_P256", "SIGN_VERIFY").await;
        let public = root.kms("GetPublicKey", json!({"KeyId": key})).await.ok();
        let public = public.field("PublicKey");
        let foreign = root.kms("GetPublicKey", json!({"KeyId": other})).await.ok();
        let usage = format!(
            "{} key usage is SIGN_VERIFY which is not valid for DeriveSharedSecret.",
            arn(&signing)
        );
        let words = "The public key is not a DER-encoded public key on the curve of the KMS key.";
        for (key, peer, extra, code, words) in [
            (
                &signing,
                public.clone(),
                json!({}),
                "InvalidKeyUsageException",
                usage.as_str(),
            ),
            (
                &key,
                foreign.field("PublicKey"),
                json!({}),
                "ValidationException",
                words,
            ),
            (&key, blob("x"), json!({}), "ValidationException", words),
            (
                &key,
                public.clone(),
                json!({"Recipient": {}}),
                "ValidationException",
                "The attestation document in Recipient is not one of a source that is trusted.",
            ),
            (
                &key,
                public.clone(),
                json!({"GrantTokens": ["t"]}),
                "InvalidGrantTokenException",
                "The grant token is not valid.",
            ),
            (
                &key,
                public.clone(),
                json!({"DryRun": true}),
                "DryRunOperationException",
                "The request would have succeeded, but the DryRun option is set.",
            ),
        ] {
            let mut input =
                json!({"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": peer});
            let extra = extra.as_object().unwrap().clone();
            input.as_object_mut().unwrap().extend(extra);
            root.kms("DeriveSharedSecret", input)
                .await
                .fails(code)
                .saying(words);
        }
        root.kms("DisableKey", json!({"KeyId": key})).await.ok();
        let input = json!({"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": public});
        root.kms("DeriveSharedSecret", input)
            .await
            .fails("DisabledException");
    }

    #[tokio::test]
    async fn policies_see_the_algorithm() {
        let alcazar = alcazar().await;
        let key = alcazar
            .root()
            .new_key_of("ECC_NIST_P256", "KEY_AGREEMENT")
            .await;
        let input = json!({"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": blob("x")});
        for (name, algorithm, code) in [
            ("ann", "ECDH", "ValidationException"),
            ("bob", "X", "AccessDeniedException"),
        ] {
            let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
                "Action": "kms:DeriveSharedSecret", "Resource": "*",
                "Condition": {"StringEquals": {"kms:KeyAgreementAlgorithm": algorithm}}}]});
            let user = alcazar.user(name, &policy.to_string()).await;
            user.kms("DeriveSharedSecret", input.clone())
                .await
                .fails(code);
        }
    }
}
