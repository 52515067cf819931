//! `ssm:RemoveTagsFromResource`: removes tags of a parameter.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{RemoveTagsFromResourceRequest, RemoveTagsFromResourceResult};
use ssm_api::{operations, permission};

use crate::parameter::Parameter;
use crate::sought::Sought;
use crate::{errors, tags};

pub(crate) struct RemoveTagsFromResource;

impl Operation for RemoveTagsFromResource {
    type Api = operations::RemoveTagsFromResource;
    type Target = Sought;

    async fn access(
        input: &RemoveTagsFromResourceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        tags::of_parameter(input.resource_type)?;
        let sought = Sought::find_by_name(look, &input.resource_id).await?;
        let needs = permission::RemoveTagsFromResource {
            parameter: sought.resource(),
            tag_keys: input.tag_keys.clone(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<RemoveTagsFromResourceResult, Failure> {
        let old = call
            .target()
            .existing()
            .map_err(|_| errors::invalid_resource_id())?;
        let tags = tags::removed(&old.tags, &call.input().tag_keys)?;
        call.put(Parameter {
            tags,
            ..Parameter::clone(old)
        });
        Ok(RemoveTagsFromResourceResult {})
    }
}
