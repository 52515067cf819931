//! `iam:GetOpenIDConnectProvider`: what is known of a provider. Its tests are those of
//! CreateOpenIDConnectProvider.

use iam_api::shapes::{GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::open_id_connect_provider::Named;
use crate::tagging;

pub(crate) struct GetOpenIDConnectProvider;

impl Operation for GetOpenIDConnectProvider {
    type Api = operations::GetOpenIDConnectProvider;
    type Target = Named;

    async fn access(
        input: &GetOpenIDConnectProviderRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::find(look, &input.open_id_connect_provider_arn).await?;
        let needs = permission::GetOpenIDConnectProvider {
            oidc_provider: named.resource(),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetOpenIDConnectProviderResponse, Failure> {
        let provider = call.target().found()?;
        Ok(GetOpenIDConnectProviderResponse {
            url: Some(provider.url.clone()),
            client_id_list: Some(provider.client_ids.clone()),
            thumbprint_list: Some(provider.thumbprints.clone()),
            create_date: Some(provider.created),
            tags: tagging::shape(&provider.tags),
        })
    }
}
