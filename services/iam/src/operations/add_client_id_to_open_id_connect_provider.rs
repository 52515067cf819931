//! `iam:AddClientIDToOpenIDConnectProvider`: one audience more whose tokens are taken. Its tests are those of
//! CreateOpenIDConnectProvider.

use iam_api::shapes::AddClientIDToOpenIDConnectProviderRequest;
use iam_api::{operations, permission};
use identity::OpenIdConnectProvider;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::open_id_connect_provider::{self as provider, Named};

pub(crate) struct AddClientIDToOpenIDConnectProvider;

impl Operation for AddClientIDToOpenIDConnectProvider {
    type Api = operations::AddClientIDToOpenIDConnectProvider;
    type Target = Named;

    async fn access(
        input: &AddClientIDToOpenIDConnectProviderRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::find(look, &input.open_id_connect_provider_arn).await?;
        let needs = permission::AddClientIDToOpenIDConnectProvider {
            oidc_provider: named.resource(),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let provider = call.target().found()?;
        let ids = provider.client_ids.iter().chain([&call.input().client_id]);
        call.put(OpenIdConnectProvider {
            client_ids: provider::client_ids(ids)?,
            ..OpenIdConnectProvider::clone(provider)
        });
        Ok(Empty {})
    }
}
