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
mod label_parameter_version;
mod list_tags_for_resource;
mod put_parameter;
mod put_resource_policy;
mod remove_tags_from_resource;
mod unlabel_parameter_version;

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
    Entry::of::<label_parameter_version::LabelParameterVersion>(),
    Entry::of::<list_tags_for_resource::ListTagsForResource>(),
    Entry::of::<put_parameter::PutParameter>(),
    Entry::of::<put_resource_policy::PutResourcePolicy>(),
    Entry::of::<remove_tags_from_resource::RemoveTagsFromResource>(),
    Entry::of::<unlabel_parameter_version::UnlabelParameterVersion>(),
];
