//! `iam:ListOpenIDConnectProviders`: the ARNs of the account's providers. Its tests are those of
//! CreateOpenIDConnectProvider.

use iam_api::shapes::{
    ListOpenIDConnectProvidersRequest, ListOpenIDConnectProvidersResponse,
    OpenIDConnectProviderListEntry,
};
use iam_api::{operations, permission};
use identity::OpenIdConnectProvider;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

pub(crate) struct ListOpenIDConnectProviders;

impl Operation for ListOpenIDConnectProviders {
    type Api = operations::ListOpenIDConnectProviders;
    type Target = ();

    async fn access(
        _: &ListOpenIDConnectProvidersRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::ListOpenIDConnectProviders {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListOpenIDConnectProvidersResponse, Failure> {
        let prefix = OpenIdConnectProvider::prefix(call.call().account());
        let most = OpenIdConnectProvider::MOST;
        let all = call
            .look()
            .scan::<OpenIdConnectProvider>(&prefix, None, most)
            .await?;
        let entry = |arn: String| OpenIDConnectProviderListEntry { arn: Some(arn) };
        Ok(ListOpenIDConnectProvidersResponse {
            open_id_connect_provider_list: Some(
                all.iter()
                    .map(|provider| entry(provider.arn.to_string()))
                    .collect(),
            ),
        })
    }
}
