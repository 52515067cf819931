//! Parameters as replies tell them.

use base::Timestamp;
use pipeline::{Failure, Operation, Permitted};
use ssm_api::shapes::{self, ParameterHistory, ParameterInlinePolicy, ParameterMetadata};

use crate::parameter::Parameter;
use crate::parameter_policy::ParameterPolicy;
use crate::reference::Selector;
use crate::sealing;
use crate::version::{self, Version};

/// A version with its value.
pub(crate) async fn with_value<O: Operation>(
    call: &Permitted<'_, O>,
    parameter: &Parameter,
    version: &Version,
    with_decryption: Option<bool>,
) -> Result<shapes::Parameter, Failure> {
    let value = sealing::value(call, parameter, version, with_decryption).await?;
    Ok(shapes::Parameter {
        name: Some(parameter.name.clone()),
        type_: Some(version.kind),
        value: Some(value),
        version: version::told(version.number),
        selector: None,
        source_result: None,
        last_modified_date: modified(version),
        arn: Some(parameter.arn.to_string()),
        data_type: Some(version.data_type.clone()),
    })
}

/// As the caller named its version.
pub(crate) fn selected(told: shapes::Parameter, selector: Option<&Selector>) -> shapes::Parameter {
    shapes::Parameter {
        selector: selector.map(Selector::to_string),
        ..told
    }
}

/// A version as GetParameterHistory has it.
pub(crate) async fn history<O: Operation>(
    call: &Permitted<'_, O>,
    parameter: &Parameter,
    version: &Version,
    with_decryption: Option<bool>,
) -> Result<ParameterHistory, Failure> {
    let value = sealing::value(call, parameter, version, with_decryption).await?;
    Ok(ParameterHistory {
        name: Some(parameter.name.clone()),
        type_: Some(version.kind),
        key_id: version.key_id.clone(),
        last_modified_date: modified(version),
        last_modified_user: Some(version.modified_by.clone()),
        description: version.description.clone(),
        value: Some(value),
        allowed_pattern: version.allowed_pattern.clone(),
        version: version::told(version.number),
        labels: Some(parameter.labels_of(version.number)),
        tier: Some(version.tier),
        policies: policies(version),
        data_type: Some(version.data_type.clone()),
    })
}

/// A parameter without its value.
pub(crate) fn metadata(parameter: &Parameter) -> ParameterMetadata {
    let version = &parameter.current;
    ParameterMetadata {
        name: Some(parameter.name.clone()),
        arn: Some(parameter.arn.to_string()),
        type_: Some(version.kind),
        key_id: version.key_id.clone(),
        last_modified_date: modified(version),
        last_modified_user: Some(version.modified_by.clone()),
        description: version.description.clone(),
        allowed_pattern: version.allowed_pattern.clone(),
        version: version::told(version.number),
        tier: Some(version.tier),
        policies: policies(version),
        data_type: Some(version.data_type.clone()),
    }
}

fn policies(version: &Version) -> Option<Vec<ParameterInlinePolicy>> {
    Some(version.policies.iter().map(ParameterPolicy::told).collect())
}

fn modified(version: &Version) -> Option<Timestamp> {
    Some(version.modified)
}
