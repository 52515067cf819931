//! `iam:ListSAMLProviderTags`: the tags of a provider. Its tests are those of
//! CreateSAMLProvider.

use iam_api::shapes::{ListSAMLProviderTagsRequest, ListSAMLProviderTagsResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::paging::Paging;
use crate::saml_provider::Named;
use crate::tagging;

pub(crate) struct ListSAMLProviderTags;

impl Operation for ListSAMLProviderTags {
    type Api = operations::ListSAMLProviderTags;
    type Target = (Named, Paging);

    async fn access(
        input: &ListSAMLProviderTagsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        let named = Named::find(look, &input.saml_provider_arn).await?;
        let needs = permission::ListSAMLProviderTags {
            saml_provider: named.resource(),
        };
        Ok(Access::to((named, paging), needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListSAMLProviderTagsResponse, Failure> {
        let (named, paging) = call.target();
        let page = tagging::page(&named.found()?.tags, paging);
        Ok(ListSAMLProviderTagsResponse {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            tags: page.items,
        })
    }
}
