//! The operations that are built: one line each.

use pipeline::Entry;

mod add_tags_to_resource;
mod delete_parameter;
mod delete_parameters;
mod delete_resource_policy;
mod describe_parameters;
mod get_parameter;
mod get_parameter_history;
mod get_parameters;
mod get_parameters_by_path;
mod get_resource_policies;
mod get_service_setting;
mod label_parameter_version;
mod list_tags_for_resource;
mod put_parameter;
mod put_resource_policy;
mod remove_tags_from_resource;
mod reset_service_setting;
mod unlabel_parameter_version;
mod update_service_setting;

/// What is built.
pub(crate) const OPERATIONS: &[Entry] = &[
    Entry::of::<add_tags_to_resource::AddTagsToResource>(),
    Entry::of::<delete_parameter::DeleteParameter>(),
    Entry::of::<delete_parameters::DeleteParameters>(),
    Entry::of::<delete_resource_policy::DeleteResourcePolicy>(),
    Entry::of::<describe_parameters::DescribeParameters>(),
    Entry::of::<get_parameter::GetParameter>(),
    Entry::of::<get_parameter_history::GetParameterHistory>(),
    Entry::of::<get_parameters::GetParameters>(),
    Entry::of::<get_parameters_by_path::GetParametersByPath>(),
    Entry::of::<get_resource_policies::GetResourcePolicies>(),
    Entry::of::<get_service_setting::GetServiceSetting>(),
    Entry::of::<label_parameter_version::LabelParameterVersion>(),
    Entry::of::<list_tags_for_resource::ListTagsForResource>(),
    Entry::of::<put_parameter::PutParameter>(),
    Entry::of::<put_resource_policy::PutResourcePolicy>(),
    Entry::of::<remove_tags_from_resource::RemoveTagsFromResource>(),
    Entry::of::<reset_service_setting::ResetServiceSetting>(),
    Entry::of::<unlabel_parameter_version::UnlabelParameterVersion>(),
    Entry::of::<update_service_setting::UpdateServiceSetting>(),
];

#[cfg(test)]
mod tests {
    use super::OPERATIONS;
    use crate::testing::{ParameterStore, alcazar, every_call};
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
        root.put("a", "one").await;
        alcazar.clock.advance_seconds(1);
        let powerless = alcazar.powerless().await;
        for ((operation, there), (_, missing)) in every_call("a").into_iter().zip(every_call("b")) {
            let denied = powerless.ssm(operation, there.clone()).await;
            let denied = denied.fails("AccessDeniedException").message();
            let event = alcazar.event(operation).await;
            assert_eq!(event["errorCode"], "AccessDenied", "{operation}");
            let other = powerless.ssm(operation, missing).await;
            let other = other.fails("AccessDeniedException").message();
            let other = other.replace("parameter/b", "parameter/a");
            assert_eq!(denied, other, "{operation}");
            let unsigned = root.unsigned("ssm", operation, there).await;
            unsigned.fails("MissingAuthenticationTokenException");
        }
        assert_eq!(root.value("a:1").await, "one");
    }

    #[tokio::test]
    async fn what_is_not_built_says_so() {
        let root = alcazar().await.root();
        for operation in ["SendCommand", "DescribeInstanceInformation"] {
            let answer = root.ssm(operation, json!({})).await;
            assert_eq!(
                (&*answer.code(), answer.status),
                ("NotImplemented", 501),
                "{operation}"
            );
        }
    }
}
