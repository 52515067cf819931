//! `kms:ReEncrypt`: from one key to another, without the plaintext leaving.

use std::borrow::Cow;

use kms_api::shapes::{ReEncryptRequest, ReEncryptResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::grant::token;
use crate::quotas::Counted;
use crate::sealed_under::SealedUnder;
use crate::sought::Sought;
use crate::{encryption_context, errors, metadata, sealing};

pub(crate) struct ReEncrypt;

/// The key that the ciphertext is under, and the one that it shall be under.
pub(crate) struct Keys {
    source: SealedUnder,
    destination: Sought,
}

impl Operation for ReEncrypt {
    type Api = operations::ReEncrypt;
    type Target = Keys;
    const TRACKS_USE: bool = true;

    async fn access(input: &ReEncryptRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let named = input.source_key_id.as_deref();
        let source_algorithm = sealing::algorithm(input.source_encryption_algorithm);
        let source = match sealing::ignores_ciphertext(input.dry_run, &input.dry_run_modifiers)? {
            true => SealedUnder::named(look, named, "SourceKeyId").await?,
            false => {
                let ciphertext = sealing::check_ciphertext(&input.ciphertext_blob)?;
                SealedUnder::find(look, ciphertext, named, source_algorithm).await?
            }
        };
        let destination = Sought::anywhere(look, &input.destination_key_id).await?;
        let same = source.arn() == destination.arn();
        let from = permission::ReEncryptFrom {
            key: source.resource_in(&input.source_encryption_context),
            encryption_algorithm: Some(Cow::Borrowed(source_algorithm.as_str())),
            encryption_context: encryption_context::requested(&input.source_encryption_context)?,
            re_encrypt_on_same_key: Some(same),
            request_alias: source.request_alias(),
        };
        let destination_algorithm = sealing::algorithm(input.destination_encryption_algorithm);
        let to = permission::ReEncryptTo {
            key: destination.resource_in(&input.destination_encryption_context),
            encryption_algorithm: Some(Cow::Borrowed(destination_algorithm.as_str())),
            encryption_context: encryption_context::requested(
                &input.destination_encryption_context,
            )?,
            re_encrypt_on_same_key: Some(same),
            request_alias: destination.request_alias(),
        };
        let counted = [source.key().ok(), destination.key().ok()].map(Counted::on);
        let keys = Keys {
            source,
            destination,
        };
        let access = Access::to(keys, from).and(to);
        Ok(counted.into_iter().fold(access, |access, it| it.by(access)))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ReEncryptResponse, Failure> {
        let input = call.input();
        let (source, destination) = (
            call.target().source.key()?,
            call.target().destination.key()?,
        );
        token::check(call.look(), &input.grant_tokens).await?;
        let from = sealing::check_algorithm(&call, source, input.source_encryption_algorithm)?;
        let algorithm = input.destination_encryption_algorithm;
        let to = sealing::check_algorithm(&call, destination, algorithm)?;
        if sealing::ignores_ciphertext(input.dry_run, &input.dry_run_modifiers)? {
            source.materials(call.call().now())?;
            destination.materials(call.call().now())?;
            for key in [source, destination] {
                sealing::is_tried_elsewhere(&call, key, input.dry_run, None).await?;
            }
            sealing::check_dry_run(input.dry_run)?;
        }
        let ciphertext = sealing::check_ciphertext(&input.ciphertext_blob)?;
        let there = sealing::is_tried_elsewhere(&call, destination, input.dry_run, None).await?;
        if sealing::is_tried_elsewhere(&call, source, input.dry_run, Some(ciphertext)).await? {
            destination.materials(call.call().now())?;
            return Err(errors::dry_run());
        }
        let context = &input.source_encryption_context;
        let opened = sealing::decrypt(&call, source, from, context, ciphertext).await?;
        if there {
            return Err(errors::dry_run());
        }
        let context = &input.destination_encryption_context;
        let sealed =
            sealing::encrypt(&call, destination, to, context, opened.plaintext.expose()).await?;
        sealing::check_dry_run(input.dry_run)?;
        Ok(ReEncryptResponse {
            ciphertext_blob: Some(sealed),
            source_key_id: Some(source.arn.to_string()),
            key_id: Some(destination.arn.to_string()),
            source_encryption_algorithm: Some(sealing::algorithm(
                input.source_encryption_algorithm,
            )),
            destination_encryption_algorithm: Some(sealing::algorithm(
                input.destination_encryption_algorithm,
            )),
            source_key_material_id: opened.material_id.map(str::to_owned),
            destination_key_material_id: metadata::current_material_id(destination),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, blob, unblob};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn to_another_key_and_context() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let (from, to) = (root.new_key().await, root.new_key().await);
        let input = json!({"KeyId": from, "Plaintext": blob("x"), "EncryptionContext": {"a": "1"}});
        let sealed = root
            .kms("Encrypt", input)
            .await
            .ok()
            .field("CiphertextBlob");
        let input = json!({"CiphertextBlob": sealed, "SourceEncryptionContext": {"a": "1"},
            "DestinationKeyId": to, "DestinationEncryptionContext": {"b": "2"}});
        let moved = root.kms("ReEncrypt", input).await.ok();
        assert_eq!(moved.field("SourceKeyId"), arn(&from));
        assert_eq!(moved.field("KeyId"), arn(&to));
        assert_eq!(
            moved.field("SourceEncryptionAlgorithm"),
            "SYMMETRIC_DEFAULT"
        );
        assert_eq!(
            moved.field("DestinationEncryptionAlgorithm"),
            "SYMMETRIC_DEFAULT"
        );
        assert_ne!(
            moved.field("SourceKeyMaterialId"),
            moved.field("DestinationKeyMaterialId")
        );
        assert_eq!(moved.field("Plaintext"), "");
        let sealed = moved.field("CiphertextBlob");
        let input = json!({"CiphertextBlob": sealed, "KeyId": to, "EncryptionContext": {"b": "2"}});
        let opened = root.kms("Decrypt", input).await.ok();
        assert_eq!(unblob(&opened.field("Plaintext")), b"x");
        let event = alcazar.event("ReEncrypt").await;
        assert_eq!(event["requestParameters"]["destinationKeyId"], to);
        assert_eq!(event["responseElements"], Value::Null);
        assert_eq!(event["resources"][0]["ARN"], arn(&from));
        assert_eq!(event["resources"][1]["ARN"], arn(&to));
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let (from, to) = (root.new_key().await, root.new_key().await);
        let sealed = root.encrypted(&from, "x").await;
        for (extra, code) in [
            (json!({"SourceKeyId": to}), "IncorrectKeyException"),
            (
                json!({"SourceEncryptionContext": {"a": "1"}}),
                "InvalidCiphertextException",
            ),
            (
                json!({"CiphertextBlob": blob("x")}),
                "InvalidCiphertextException",
            ),
            (json!({"CiphertextBlob": null}), "ValidationException"),
            (
                json!({"SourceEncryptionAlgorithm": "SM2PKE", "SourceKeyId": from}),
                "InvalidKeyUsageException",
            ),
            (
                json!({"DestinationEncryptionAlgorithm": "SM2PKE"}),
                "InvalidKeyUsageException",
            ),
            (json!({"GrantTokens": ["t"]}), "InvalidGrantTokenException"),
            (
                json!({"DryRunModifiers": ["IGNORE_CIPHERTEXT"]}),
                "ValidationException",
            ),
            (
                json!({"DryRun": true, "DryRunModifiers": ["IGNORE_CIPHERTEXT"],
                    "SourceKeyId": to, "CiphertextBlob": null}),
                "DryRunOperationException",
            ),
            (json!({"DryRun": true}), "DryRunOperationException"),
        ] {
            let mut input = json!({"CiphertextBlob": sealed, "DestinationKeyId": to});
            input
                .as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            root.kms("ReEncrypt", input).await.fails(code);
        }
        for (change, code) in [
            ("DisableKey", "DisabledException"),
            ("ScheduleKeyDeletion", "KMSInvalidStateException"),
        ] {
            root.kms(change, json!({"KeyId": to})).await.ok();
            let input = json!({"CiphertextBlob": sealed, "DestinationKeyId": to});
            root.kms("ReEncrypt", input).await.fails(code);
        }
    }

    #[tokio::test]
    async fn needs_permission_on_both_keys() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let (from, to) = (root.new_key().await, root.new_key().await);
        let sealed = root.encrypted(&from, "x").await;
        let allow = |action: &str, key: &str| json!({"Effect": "Allow", "Action": action, "Resource": arn(key)});
        let (source, destination) = (
            allow("kms:ReEncryptFrom", &from),
            allow("kms:ReEncryptTo", &to),
        );
        for (name, statements, allowed) in [
            ("ann", json!([source]), false),
            ("bob", json!([destination]), false),
            ("cid", json!([source, destination]), true),
        ] {
            let policy = json!({"Version": "2012-10-17", "Statement": statements});
            let caller = alcazar.user(name, &policy.to_string()).await;
            let input = json!({"CiphertextBlob": sealed, "DestinationKeyId": to});
            let answer = caller.kms("ReEncrypt", input).await;
            match allowed {
                true => answer.ok(),
                false => answer.fails("AccessDeniedException"),
            };
        }
    }

    #[tokio::test]
    async fn policies_see_whether_the_key_stays() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let (from, to) = (root.new_key().await, root.new_key().await);
        let sealed = root.encrypted(&from, "x").await;
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": "kms:ReEncrypt*", "Resource": "*",
            "Condition": {"Bool": {"kms:ReEncryptOnSameKey": "true"}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        let input = |key: &str| json!({"CiphertextBlob": sealed, "DestinationKeyId": key});
        ann.kms("ReEncrypt", input(&from)).await.ok();
        ann.kms("ReEncrypt", input(&to))
            .await
            .fails("AccessDeniedException");
    }
}
