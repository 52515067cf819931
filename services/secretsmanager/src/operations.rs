//! The operations that are built: one line each.

use pipeline::Entry;

mod batch_get_secret_value;
mod cancel_rotate_secret;
mod create_secret;
mod delete_resource_policy;
mod delete_secret;
mod describe_secret;
mod get_random_password;
mod get_resource_policy;
mod get_secret_value;
mod list_secret_version_ids;
mod list_secrets;
mod put_resource_policy;
mod put_secret_value;
mod remove_regions_from_replication;
mod replicate_secret_to_regions;
mod restore_secret;
mod rotate_secret;
mod stop_replication_to_replica;
mod tag_resource;
mod untag_resource;
mod update_secret;
mod update_secret_version_stage;
mod validate_resource_policy;

/// What is built.
pub(crate) const OPERATIONS: &[Entry] = &[
    Entry::of::<batch_get_secret_value::BatchGetSecretValue>(),
    Entry::of::<cancel_rotate_secret::CancelRotateSecret>(),
    Entry::of::<create_secret::CreateSecret>(),
    Entry::of::<delete_resource_policy::DeleteResourcePolicy>(),
    Entry::of::<delete_secret::DeleteSecret>(),
    Entry::of::<describe_secret::DescribeSecret>(),
    Entry::of::<get_random_password::GetRandomPassword>(),
    Entry::of::<get_resource_policy::GetResourcePolicy>(),
    Entry::of::<get_secret_value::GetSecretValue>(),
    Entry::of::<list_secret_version_ids::ListSecretVersionIds>(),
    Entry::of::<list_secrets::ListSecrets>(),
    Entry::of::<put_resource_policy::PutResourcePolicy>(),
    Entry::of::<put_secret_value::PutSecretValue>(),
    Entry::of::<remove_regions_from_replication::RemoveRegionsFromReplication>(),
    Entry::of::<replicate_secret_to_regions::ReplicateSecretToRegions>(),
    Entry::of::<restore_secret::RestoreSecret>(),
    Entry::of::<rotate_secret::RotateSecret>(),
    Entry::of::<stop_replication_to_replica::StopReplicationToReplica>(),
    Entry::of::<tag_resource::TagResource>(),
    Entry::of::<untag_resource::UntagResource>(),
    Entry::of::<update_secret::UpdateSecret>(),
    Entry::of::<update_secret_version_stage::UpdateSecretVersionStage>(),
    Entry::of::<validate_resource_policy::ValidateResourcePolicy>(),
];

#[cfg(test)]
mod tests {
    use super::OPERATIONS;
    use crate::testing::{SecretsManager, alcazar, every_call};
    use serde_json::json;
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_is_called_below() {
        let built: BTreeSet<_> = OPERATIONS.iter().map(|entry| entry.facts.name).collect();
        let called: BTreeSet<_> = every_call("").iter().map(|(name, _)| *name).collect();
        assert_eq!(called, built);
    }

    #[tokio::test]
    async fn nobody_does_anything_unasked() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.new_secret("s", "one").await;
        let before = root
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        alcazar.clock.advance_seconds(1);
        let powerless = alcazar.powerless().await;
        for (operation, input) in every_call("s") {
            let denied = powerless.secrets(operation, input.clone()).await;
            denied.fails("AccessDeniedException");
            let event = alcazar.event(operation).await;
            assert_eq!(event["errorCode"], "AccessDenied", "{operation}");
            assert_eq!(
                event["userIdentity"]["userName"], "powerless",
                "{operation}"
            );
            let unsigned = root.unsigned("secretsmanager", operation, input).await;
            unsigned.fails("MissingAuthenticationTokenException");
        }
        let after = root
            .secrets("DescribeSecret", json!({"SecretId": "s"}))
            .await
            .ok();
        assert_eq!(before.text, after.text);
    }

    #[tokio::test]
    async fn who_may_not_ask_does_not_learn_whether_a_secret_exists() {
        let alcazar = alcazar().await;
        alcazar.root().new_secret("s", "one").await;
        let powerless = alcazar.powerless().await;
        for ((operation, existing), (_, missing)) in
            every_call("s").into_iter().zip(every_call("t"))
        {
            let existing = powerless
                .secrets(operation, existing)
                .await
                .fails("AccessDeniedException");
            let missing = powerless
                .secrets(operation, missing)
                .await
                .fails("AccessDeniedException");
            let unnamed =
                |message: String, name: &str| message.replace(&format!("resource: {name} "), "");
            assert_eq!(
                unnamed(existing.message(), "s"),
                unnamed(missing.message(), "t"),
                "{operation}"
            );
        }
    }

    #[tokio::test]
    async fn what_is_not_built_says_so() {
        let root = alcazar().await.root();
        for operation in ["ListResourcePolicies", "AssociateCrossAccountReplica"] {
            let answer = root.secrets(operation, json!({"SecretId": "s"})).await;
            assert_eq!(
                (&*answer.code(), answer.status),
                ("NotImplemented", 501),
                "{operation}"
            );
        }
    }

    /// No value is in any audit record, nor in a refusal.
    #[tokio::test]
    async fn values_are_nowhere_to_be_read() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.new_secret("s", "hunter2-one").await;
        let binary = json!({"SecretId": "s", "SecretBinary": "aHVudGVyMi10d28="});
        root.secrets("PutSecretValue", binary).await.ok();
        root.secrets(
            "UpdateSecret",
            json!({"SecretId": "s", "SecretString": "hunter2-three"}),
        )
        .await
        .ok();
        root.value("s").await;
        root.secrets("BatchGetSecretValue", json!({"SecretIdList": ["s"]}))
            .await
            .ok();
        let both = json!({"Name": "x", "SecretString": "hunter2-four", "SecretBinary": "aHVudGVyMi10d28="});
        let refused = root
            .secrets("CreateSecret", both)
            .await
            .fails("InvalidParameterException");
        assert!(!refused.text.contains("hunter2"));
        let long = json!({"Name": "x", "SecretString": format!("hunter2{}", "x".repeat(65_536))});
        let refused = root
            .secrets("CreateSecret", long)
            .await
            .fails("ValidationException");
        assert!(!refused.text.contains("hunter2"), "{}", refused.text);
        let events = alcazar.events().await;
        assert!(events.len() > 10);
        for event in events {
            let text = event.to_string();
            assert!(
                !text.contains("hunter2") && !text.contains("aHVudGVyMi"),
                "{text}"
            );
        }
    }

    /// Two changes at once: one label is in one place, and no version is lost.
    #[tokio::test]
    async fn changes_at_once() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.new_secret("s", "0").await;
        let puts = (0..8).map(|number| {
            let root = root.clone();
            tokio::spawn(async move {
                let input = json!({"SecretId": "s", "SecretString": number.to_string()});
                root.secrets("PutSecretValue", input).await.ok();
            })
        });
        for put in puts.collect::<Vec<_>>() {
            put.await.unwrap();
        }
        let input = json!({"SecretId": "s", "IncludeDeprecated": true});
        let listed = root
            .secrets("ListSecretVersionIds", input)
            .await
            .ok()
            .json()
            .unwrap();
        let versions = listed["Versions"].as_array().unwrap();
        assert_eq!(versions.len(), 9);
        let labels: Vec<_> = versions
            .iter()
            .filter_map(|it| it["VersionStages"].as_array())
            .flatten()
            .collect();
        assert_eq!(labels.len(), 2);
        for version in versions {
            let input = json!({"SecretId": "s", "VersionId": version["VersionId"]});
            root.secrets("GetSecretValue", input).await.ok();
        }
    }
}
