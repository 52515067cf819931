//! The operations of KMS: one line each.

use pipeline::Entry;

mod cancel_key_deletion;
mod connect_custom_key_store;
mod create_alias;
mod create_custom_key_store;
mod create_grant;
pub(crate) mod create_key;
mod decapsulate;
mod decrypt;
mod delete_alias;
mod delete_custom_key_store;
mod delete_imported_key_material;
mod derive_shared_secret;
mod describe_custom_key_stores;
mod describe_key;
mod disable_key;
mod disable_key_rotation;
mod disconnect_custom_key_store;
mod enable_key;
mod enable_key_rotation;
mod encapsulate;
mod encrypt;
mod generate_data_key;
mod generate_data_key_pair;
mod generate_data_key_pair_without_plaintext;
mod generate_data_key_without_plaintext;
mod generate_mac;
mod generate_random;
mod get_key_last_usage;
mod get_key_policy;
mod get_key_rotation_status;
mod get_parameters_for_import;
mod get_public_key;
mod import_key_material;
mod list_aliases;
mod list_grants;
mod list_key_policies;
mod list_key_rotations;
mod list_keys;
mod list_resource_tags;
mod list_retirable_grants;
mod put_key_policy;
mod re_encrypt;
mod replicate_key;
mod retire_grant;
mod revoke_grant;
mod rotate_key_on_demand;
mod schedule_key_deletion;
mod sign;
mod tag_resource;
mod untag_resource;
mod update_alias;
mod update_custom_key_store;
mod update_key_description;
mod update_primary_region;
mod verify;
mod verify_mac;

/// What is built.
pub(crate) const OPERATIONS: &[Entry] = &[
    Entry::of::<cancel_key_deletion::CancelKeyDeletion>(),
    Entry::of::<create_alias::CreateAlias>(),
    Entry::of::<create_grant::CreateGrant>(),
    Entry::of::<connect_custom_key_store::ConnectCustomKeyStore>(),
    Entry::of::<create_custom_key_store::CreateCustomKeyStore>(),
    Entry::of::<delete_custom_key_store::DeleteCustomKeyStore>(),
    Entry::of::<describe_custom_key_stores::DescribeCustomKeyStores>(),
    Entry::of::<disconnect_custom_key_store::DisconnectCustomKeyStore>(),
    Entry::of::<update_custom_key_store::UpdateCustomKeyStore>(),
    Entry::of::<create_key::CreateKey>(),
    Entry::of::<decapsulate::Decapsulate>(),
    Entry::of::<decrypt::Decrypt>(),
    Entry::of::<delete_alias::DeleteAlias>(),
    Entry::of::<delete_imported_key_material::DeleteImportedKeyMaterial>(),
    Entry::of::<derive_shared_secret::DeriveSharedSecret>(),
    Entry::of::<describe_key::DescribeKey>(),
    Entry::of::<disable_key::DisableKey>(),
    Entry::of::<disable_key_rotation::DisableKeyRotation>(),
    Entry::of::<enable_key::EnableKey>(),
    Entry::of::<enable_key_rotation::EnableKeyRotation>(),
    Entry::of::<encapsulate::Encapsulate>(),
    Entry::of::<encrypt::Encrypt>(),
    Entry::of::<generate_data_key::GenerateDataKey>(),
    Entry::of::<generate_data_key_pair::GenerateDataKeyPair>(),
    Entry::of::<generate_data_key_pair_without_plaintext::GenerateDataKeyPairWithoutPlaintext>(),
    Entry::of::<generate_data_key_without_plaintext::GenerateDataKeyWithoutPlaintext>(),
    Entry::of::<generate_mac::GenerateMac>(),
    Entry::of::<generate_random::GenerateRandom>(),
    Entry::of::<get_key_last_usage::GetKeyLastUsage>(),
    Entry::of::<get_key_policy::GetKeyPolicy>(),
    Entry::of::<get_key_rotation_status::GetKeyRotationStatus>(),
    Entry::of::<get_parameters_for_import::GetParametersForImport>(),
    Entry::of::<get_public_key::GetPublicKey>(),
    Entry::of::<import_key_material::ImportKeyMaterial>(),
    Entry::of::<list_aliases::ListAliases>(),
    Entry::of::<list_grants::ListGrants>(),
    Entry::of::<list_key_policies::ListKeyPolicies>(),
    Entry::of::<list_key_rotations::ListKeyRotations>(),
    Entry::of::<list_keys::ListKeys>(),
    Entry::of::<list_resource_tags::ListResourceTags>(),
    Entry::of::<list_retirable_grants::ListRetirableGrants>(),
    Entry::of::<put_key_policy::PutKeyPolicy>(),
    Entry::of::<re_encrypt::ReEncrypt>(),
    Entry::of::<replicate_key::ReplicateKey>(),
    Entry::of::<retire_grant::RetireGrant>(),
    Entry::of::<revoke_grant::RevokeGrant>(),
    Entry::of::<rotate_key_on_demand::RotateKeyOnDemand>(),
    Entry::of::<schedule_key_deletion::ScheduleKeyDeletion>(),
    Entry::of::<sign::Sign>(),
    Entry::of::<tag_resource::TagResource>(),
    Entry::of::<untag_resource::UntagResource>(),
    Entry::of::<update_alias::UpdateAlias>(),
    Entry::of::<update_key_description::UpdateKeyDescription>(),
    Entry::of::<update_primary_region::UpdatePrimaryRegion>(),
    Entry::of::<verify::Verify>(),
    Entry::of::<verify_mac::VerifyMac>(),
];

#[cfg(test)]
mod tests {
    use super::OPERATIONS;
    use crate::testing::{EVERYTHING, Kms, NO_KEY, alcazar, arn, every_call};
    use serde_json::json;
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_is_called_below() {
        let built: BTreeSet<_> = OPERATIONS.iter().map(|entry| entry.facts.name).collect();
        let called: BTreeSet<_> = every_call("", "").iter().map(|(name, _)| *name).collect();
        assert_eq!(called, built);
    }

    #[tokio::test]
    async fn nobody_does_anything_unasked() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let ciphertext = root.encrypted(&key, "x").await;
        root.kms(
            "CreateAlias",
            json!({"AliasName": "alias/old", "TargetKeyId": key}),
        )
        .await
        .ok();
        alcazar.clock.advance_seconds(1);
        let powerless = alcazar.powerless().await;
        for (operation, input) in every_call(&key, &ciphertext) {
            let denied = powerless.kms(operation, input.clone()).await;
            assert!(
                !denied.text.contains("policy allows the kms:X"),
                "{operation}"
            );
            denied.fails("AccessDeniedException");
            let event = alcazar.event(operation).await;
            assert_eq!(event["errorCode"], "AccessDenied", "{operation}");
            assert_eq!(
                event["userIdentity"]["userName"], "powerless",
                "{operation}"
            );
            let unsigned = root.unsigned("kms", operation, input).await;
            unsigned.fails("MissingAuthenticationTokenException");
        }
        let described = root.kms("DescribeKey", json!({"KeyId": key})).await.ok();
        assert_eq!(described.field("/KeyMetadata/KeyState"), "Enabled");
        assert_eq!(described.field("/KeyMetadata/Description"), "");
    }

    #[tokio::test]
    async fn who_may_not_ask_does_not_learn_whether_a_key_exists() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let (key, powerless) = (root.new_key().await, alcazar.powerless().await);
        let ciphertext = root.encrypted(&key, "x").await;
        let shapes = every_call(&key, &ciphertext)
            .into_iter()
            .zip(every_call(NO_KEY, &ciphertext));
        for ((operation, existing), (_, missing)) in shapes {
            let existing = powerless
                .kms(operation, existing)
                .await
                .fails("AccessDeniedException");
            let missing = powerless
                .kms(operation, missing)
                .await
                .fails("AccessDeniedException");
            let unnamed = |message: String| message.replace(&key, NO_KEY);
            assert_eq!(
                unnamed(existing.message()),
                unnamed(missing.message()),
                "{operation}"
            );
        }
    }

    #[tokio::test]
    async fn a_denial_says_who_what_and_why() {
        let alcazar = alcazar().await;
        let key = alcazar.root().new_key().await;
        let denied = alcazar
            .powerless()
            .await
            .kms("DescribeKey", json!({"KeyId": key}))
            .await;
        denied.fails("AccessDeniedException").saying(&format!(
            "User: arn:aws:iam::111122223333:user/powerless is not authorized to perform: \
             kms:DescribeKey on resource: {} because no identity-based policy allows the \
             kms:DescribeKey action",
            arn(&key)
        ));
    }

    /// Operations on a key that cannot be called across accounts, and take no alias.
    const OWN: [&str; 23] = [
        "CancelKeyDeletion",
        "CreateAlias",
        "DeleteImportedKeyMaterial",
        "DisableKey",
        "DisableKeyRotation",
        "EnableKey",
        "EnableKeyRotation",
        "GetKeyLastUsage",
        "GetKeyPolicy",
        "GetParametersForImport",
        "ImportKeyMaterial",
        "ListKeyPolicies",
        "ListKeyRotations",
        "ListResourceTags",
        "PutKeyPolicy",
        "ReplicateKey",
        "RotateKeyOnDemand",
        "ScheduleKeyDeletion",
        "TagResource",
        "UntagResource",
        "UpdateAlias",
        "UpdateKeyDescription",
        "UpdatePrimaryRegion",
    ];
    /// Operations on a key that take every way to name one.
    const ANYWHERE: [&str; 16] = [
        "Decapsulate",
        "Decrypt",
        "DeriveSharedSecret",
        "DescribeKey",
        "Encapsulate",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GetPublicKey",
        "ReEncrypt",
        "Sign",
        "Verify",
        "VerifyMac",
    ];

    /// Operations on keys that do not encrypt.
    const OF_OTHER_KINDS: [&str; 7] = [
        "Decapsulate",
        "DeriveSharedSecret",
        "Encapsulate",
        "GenerateMac",
        "Sign",
        "Verify",
        "VerifyMac",
    ];

    #[tokio::test]
    async fn names_that_lead_to_no_key() {
        let alcazar = alcazar().await;
        let (root, other) = (alcazar.root(), alcazar.other_root());
        let ciphertext = root.encrypted(&root.new_key().await, "x").await;
        let foreign = other.new_key().await;
        let missing = format!("Key '{}' does not exist", arn(NO_KEY));
        let table = [
            (NO_KEY.to_owned(), "NotFoundException", missing.clone()),
            (arn(NO_KEY), "NotFoundException", missing),
            (
                "key".into(),
                "NotFoundException",
                "Invalid keyId 'key'".into(),
            ),
            (
                arn("key"),
                "NotFoundException",
                "Invalid keyId 'key'".into(),
            ),
            (
                "mrk-1234abcd12ab34cd56ef1234567890ab".into(),
                "NotFoundException",
                format!(
                    "Key '{}' does not exist",
                    arn("mrk-1234abcd12ab34cd56ef1234567890ab")
                ),
            ),
            (
                format!("arn:aws:kms:us-west-2:111122223333:key/{NO_KEY}"),
                "NotFoundException",
                "Invalid arn us-west-2".into(),
            ),
            (
                "arn:aws:kms".into(),
                "InvalidArnException",
                "Invalid arn arn:aws:kms".into(),
            ),
            (
                "arn:aws:iam::111122223333:role/r".into(),
                "InvalidArnException",
                "Invalid arn arn:aws:iam::111122223333:role/r".into(),
            ),
            (
                "arn:aws:kms:us-east-1:111122223333:cat/1".into(),
                "InvalidArnException",
                "Invalid arn arn:aws:kms:us-east-1:111122223333:cat/1".into(),
            ),
        ];
        root.kms(
            "CreateAlias",
            json!({"AliasName": "alias/old", "TargetKeyId": root.new_key().await}),
        )
        .await
        .ok();
        for (name, code, message) in &table {
            for (operation, input) in every_call(name, &ciphertext) {
                if OWN.contains(&operation) || ANYWHERE.contains(&operation) {
                    root.kms(operation, input).await.fails(code).saying(message);
                }
            }
        }
        let foreign = format!("arn:aws:kms:us-east-1:444455556666:key/{foreign}");
        for (operation, input) in every_call(&foreign, &ciphertext) {
            if OWN.contains(&operation) || ANYWHERE.contains(&operation) {
                root.kms(operation, input)
                    .await
                    .fails("AccessDeniedException");
            }
        }
    }

    #[tokio::test]
    async fn aliases_are_names_of_keys_for_some() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let ciphertext = root.encrypted(&key, "x").await;
        root.kms(
            "CreateAlias",
            json!({"AliasName": "alias/old", "TargetKeyId": key}),
        )
        .await
        .ok();
        let names = [
            "alias/old",
            "arn:aws:kms:us-east-1:111122223333:alias/old",
            "alias/none",
            "arn:aws:kms:us-east-1:111122223333:alias/none",
        ];
        for name in names {
            for (operation, input) in every_call(name, &ciphertext) {
                let (own, anywhere) = (OWN.contains(&operation), ANYWHERE.contains(&operation));
                if !own && !anywhere {
                    continue;
                }
                let answer = root.kms(operation, input).await;
                if operation.ends_with("Alias") {
                    let words = "Aliases must refer to keys. Not aliases";
                    answer.fails("ValidationException").saying(words);
                } else if own {
                    let words = "Key Aliases are not supported for this operation.";
                    answer.fails("InvalidArnException").saying(words);
                } else if name.ends_with("/old") {
                    match operation {
                        "GetPublicKey" => drop(answer.fails("UnsupportedOperationException")),
                        _ if OF_OTHER_KINDS.contains(&operation) => {
                            drop(answer.fails("InvalidKeyUsageException"));
                        }
                        _ => drop(answer.ok()),
                    }
                } else {
                    let alias = "arn:aws:kms:us-east-1:111122223333:alias/none";
                    let words = format!("Alias {alias} is not found.");
                    answer.fails("NotFoundException").saying(&words);
                }
            }
        }
    }

    #[tokio::test]
    async fn users_see_what_their_policies_let_them_see() {
        let alcazar = alcazar().await;
        let ann = alcazar.user("ann", EVERYTHING).await;
        let key = ann.new_key().await;
        ann.encrypted(&key, "x").await;
        ann.encrypted(&arn(&key), "x").await;
    }
}
