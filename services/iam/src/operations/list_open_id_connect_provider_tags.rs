//! `iam:ListOpenIDConnectProviderTags`: the tags of a provider. Its tests are those of
//! CreateOpenIDConnectProvider.

use iam_api::shapes::{
    ListOpenIDConnectProviderTagsRequest, ListOpenIDConnectProviderTagsResponse,
};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::open_id_connect_provider::Named;
use crate::paging::Paging;
use crate::tagging;

pub(crate) struct ListOpenIDConnectProviderTags;

impl Operation for ListOpenIDConnectProviderTags {
    type Api = operations::ListOpenIDConnectProviderTags;
    type Target = (Named, Paging);

    async fn access(
        input: &ListOpenIDConnectProviderTagsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        let named = Named::find(look, &input.open_id_connect_provider_arn).await?;
        let needs = permission::ListOpenIDConnectProviderTags {
            oidc_provider: named.resource(),
        };
        Ok(Access::to((named, paging), needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<ListOpenIDConnectProviderTagsResponse, Failure> {
        let (named, paging) = call.target();
        let page = tagging::page(&named.found()?.tags, paging);
        Ok(ListOpenIDConnectProviderTagsResponse {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            tags: page.items,
        })
    }
}
