//! `ssm:ListTagsForResource`: the tags of a parameter.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{ListTagsForResourceRequest, ListTagsForResourceResult};
use ssm_api::{operations, permission};

use crate::sought::Sought;
use crate::{errors, tags};

pub(crate) struct ListTagsForResource;

impl Operation for ListTagsForResource {
    type Api = operations::ListTagsForResource;
    type Target = Sought;

    async fn access(
        input: &ListTagsForResourceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        tags::of_parameter(input.resource_type)?;
        let sought = Sought::find_by_name(look, &input.resource_id).await?;
        let needs = permission::ListTagsForResource {
            parameter: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListTagsForResourceResult, Failure> {
        let parameter = call.target().existing();
        let parameter = parameter.map_err(|_| errors::invalid_resource_id())?;
        Ok(ListTagsForResourceResult {
            tag_list: Some(tags::told(&parameter.tags)),
        })
    }
}
