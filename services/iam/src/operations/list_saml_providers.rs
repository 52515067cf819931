//! `iam:ListSAMLProviders`: the account's providers. Its tests are those of CreateSAMLProvider.

use iam_api::shapes::{ListSAMLProvidersRequest, ListSAMLProvidersResponse, SAMLProviderListEntry};
use iam_api::{operations, permission};
use identity::SamlProvider;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

pub(crate) struct ListSAMLProviders;

impl Operation for ListSAMLProviders {
    type Api = operations::ListSAMLProviders;
    type Target = ();

    async fn access(_: &ListSAMLProvidersRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::ListSAMLProviders {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListSAMLProvidersResponse, Failure> {
        let prefix = SamlProvider::prefix(call.call().account());
        let all = call
            .look()
            .scan::<SamlProvider>(&prefix, None, SamlProvider::MOST)
            .await?;
        let entries = all.iter().map(|provider| SAMLProviderListEntry {
            arn: Some(provider.arn.to_string()),
            valid_until: Some(provider.valid_until),
            create_date: Some(provider.created),
        });
        Ok(ListSAMLProvidersResponse {
            saml_provider_list: Some(entries.collect()),
        })
    }
}
