//! `kms:Encrypt`.

use std::borrow::Cow;

use kms_api::shapes::{EncryptRequest, EncryptResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::grant::token;
use crate::quotas::Counted;
use crate::sought::Sought;
use crate::{encryption_context, errors, sealing};

pub(crate) struct Encrypt;

impl Operation for Encrypt {
    type Api = operations::Encrypt;
    type Target = Sought;
    const TRACKS_USE: bool = true;

    async fn access(input: &EncryptRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let algorithm = sealing::algorithm(input.encryption_algorithm);
        let needs = permission::Encrypt {
            key: sought.resource_in(&input.encryption_context),
            encryption_algorithm: Some(Cow::Borrowed(algorithm.as_str())),
            encryption_context: encryption_context::requested(&input.encryption_context)?,
            request_alias: sought.request_alias(),
        };
        let counted = Counted::on(sought.key().ok());
        Ok(counted.by(Access::to(sought, needs)))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<EncryptResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        token::check(call.look(), &input.grant_tokens).await?;
        let algorithm = sealing::check_algorithm(&call, key, input.encryption_algorithm)?;
        let (context, plaintext) = (&input.encryption_context, input.plaintext.expose());
        if sealing::is_tried_elsewhere(&call, key, input.dry_run, None).await? {
            return Err(errors::dry_run());
        }
        let sealed = sealing::encrypt(&call, key, algorithm, context, plaintext).await?;
        sealing::check_dry_run(input.dry_run)?;
        Ok(EncryptResponse {
            ciphertext_blob: Some(sealed),
            key_id: Some(key.arn.to_string()),
            encryption_algorithm: Some(sealing::algorithm(input.encryption_algorithm)),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, blob, unblob};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn seals_a_plaintext() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let input = json!({"KeyId": key, "Plaintext": blob("hunter2"), "EncryptionContext": {"app": "shop"}});
        let sealed = root.kms("Encrypt", input.clone()).await.ok();
        assert_eq!(sealed.field("KeyId"), arn(&key));
        assert_eq!(sealed.field("EncryptionAlgorithm"), "SYMMETRIC_DEFAULT");
        let bytes = unblob(&sealed.field("CiphertextBlob"));
        assert!(!bytes.windows(7).any(|window| window == b"hunter2"));
        let again = root.kms("Encrypt", input).await.ok();
        assert_ne!(
            again.field("CiphertextBlob"),
            sealed.field("CiphertextBlob")
        );
        let event = alcazar.event("Encrypt").await;
        let shown = json!({"keyId": key, "encryptionContext": {"app": "shop"}});
        assert_eq!(event["requestParameters"], shown);
        assert_eq!(event["responseElements"], Value::Null);
        assert_eq!(event["resources"][0]["ARN"], arn(&key));
        assert_eq!(event["readOnly"], true);
        assert!(!event.to_string().contains(&blob("hunter2")));
    }

    #[tokio::test]
    async fn every_length_up_to_4096() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        for length in [1usize, 2, 4095, 4096] {
            let plaintext = vec![7; length];
            let input = json!({"KeyId": key, "Plaintext": blob(&plaintext)});
            let sealed = root
                .kms("Encrypt", input)
                .await
                .ok()
                .field("CiphertextBlob");
            let opened = root
                .kms("Decrypt", json!({"CiphertextBlob": sealed}))
                .await
                .ok();
            assert_eq!(unblob(&opened.field("Plaintext")), plaintext);
        }
        for (length, bound) in [
            (0usize, "greater than or equal to 1"),
            (4097, "less than or equal to 4096"),
        ] {
            let input = json!({"KeyId": key, "Plaintext": blob(vec![7; length])});
            root.kms("Encrypt", input).await.fails("ValidationException").saying(&format!(
                "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: \
                 Member must have length {bound}"
            ));
        }
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        let long = "v".repeat(8192);
        for (extra, code, words) in [
            (
                json!({"EncryptionContext": {"n": long}}),
                "ValidationException",
                "1 validation error detected: Value at 'encryptionContext' failed to satisfy \
                 constraint: Member must have length less than or equal to 8192",
            ),
            (
                json!({"EncryptionAlgorithm": "SM2PKE"}),
                "InvalidKeyUsageException",
                "Algorithm SM2PKE is incompatible with key spec SYMMETRIC_DEFAULT.",
            ),
            (
                json!({"GrantTokens": ["t"]}),
                "InvalidGrantTokenException",
                "The grant token is not valid.",
            ),
            (
                json!({"DryRun": true}),
                "DryRunOperationException",
                "The request would have succeeded, but the DryRun option is set.",
            ),
        ] {
            let mut input = json!({"KeyId": key, "Plaintext": blob("x")});
            input
                .as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            root.kms("Encrypt", input).await.fails(code).saying(words);
        }
    }

    #[tokio::test]
    async fn not_in_every_state_of_the_key() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        let input = json!({"KeyId": key, "Plaintext": blob("x"), "DryRun": true});
        root.kms("DisableKey", json!({"KeyId": key})).await.ok();
        let words = format!("{} is disabled.", arn(&key));
        root.kms("Encrypt", input.clone())
            .await
            .fails("DisabledException")
            .saying(&words);
        root.kms("ScheduleKeyDeletion", json!({"KeyId": key}))
            .await
            .ok();
        let words = format!("{} is pending deletion.", arn(&key));
        root.kms("Encrypt", input.clone())
            .await
            .fails("KMSInvalidStateException")
            .saying(&words);
        root.kms("CancelKeyDeletion", json!({"KeyId": key}))
            .await
            .ok();
        root.kms("EnableKey", json!({"KeyId": key})).await.ok();
        root.kms("Encrypt", input)
            .await
            .fails("DryRunOperationException");
    }

    #[tokio::test]
    async fn policies_see_context_algorithm_and_alias() {
        let alcazar = alcazar().await;
        let key = alcazar.root().new_key().await;
        for name in ["alias/a", "alias/b"] {
            let alias = json!({"AliasName": name, "TargetKeyId": key});
            alcazar.root().kms("CreateAlias", alias).await.ok();
        }
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": "kms:Encrypt", "Resource": "*", "Condition": {
            "StringEquals": {
                "kms:EncryptionContext:app": "shop",
                "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
                "kms:RequestAlias": "alias/a",
                "kms:KeySpec": "SYMMETRIC_DEFAULT",
                "kms:CallerAccount": "111122223333",
            },
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/b"},
            "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["app", "cart"]},
        }}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        for (name, context, allowed) in [
            ("alias/a", json!({"app": "shop"}), true),
            (
                "arn:aws:kms:us-east-1:111122223333:alias/a",
                json!({"app": "shop", "cart": "1"}),
                true,
            ),
            ("alias/b", json!({"app": "shop"}), false),
            (&key, json!({"app": "shop"}), false),
            ("alias/a", json!({"app": "bank"}), false),
            ("alias/a", json!({}), false),
            ("alias/a", json!({"app": "shop", "user": "1"}), false),
        ] {
            let input =
                json!({"KeyId": name, "Plaintext": blob("x"), "EncryptionContext": context});
            let answer = ann.kms("Encrypt", input).await;
            match allowed {
                true => answer.ok(),
                false => answer.fails("AccessDeniedException"),
            };
        }
    }
}
