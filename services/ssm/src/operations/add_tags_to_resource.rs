//! `ssm:AddTagsToResource`: adds tags to a parameter, and changes those it has.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{AddTagsToResourceRequest, AddTagsToResourceResult};
use ssm_api::{operations, permission};

use crate::parameter::Parameter;
use crate::sought::Sought;
use crate::{errors, tags};

pub(crate) struct AddTagsToResource;

impl Operation for AddTagsToResource {
    type Api = operations::AddTagsToResource;
    type Target = Sought;

    async fn access(
        input: &AddTagsToResourceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        tags::of_parameter(input.resource_type)?;
        let sought = Sought::find_by_name(look, &input.resource_id).await?;
        let needs = permission::AddTagsToResource {
            parameter: sought.resource(),
            request_tags: tags::requested(&input.tags)?,
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<AddTagsToResourceResult, Failure> {
        let old = call
            .target()
            .existing()
            .map_err(|_| errors::invalid_resource_id())?;
        let tags = tags::added(&old.tags, &tags::requested(&call.input().tags)?)?;
        call.put(Parameter {
            tags,
            ..Parameter::clone(old)
        });
        Ok(AddTagsToResourceResult {})
    }
}
