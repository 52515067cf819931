//! `iam:RemoveClientIDFromOpenIDConnectProvider`: one audience less whose tokens are taken. Its tests are those of
//! CreateOpenIDConnectProvider.

use iam_api::shapes::RemoveClientIDFromOpenIDConnectProviderRequest;
use iam_api::{operations, permission};
use identity::OpenIdConnectProvider;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::open_id_connect_provider::Named;

pub(crate) struct RemoveClientIDFromOpenIDConnectProvider;

impl Operation for RemoveClientIDFromOpenIDConnectProvider {
    type Api = operations::RemoveClientIDFromOpenIDConnectProvider;
    type Target = Named;

    async fn access(
        input: &RemoveClientIDFromOpenIDConnectProviderRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::find(look, &input.open_id_connect_provider_arn).await?;
        let needs = permission::RemoveClientIDFromOpenIDConnectProvider {
            oidc_provider: named.resource(),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let provider = call.target().found()?;
        let mut changed = OpenIdConnectProvider::clone(provider);
        changed
            .client_ids
            .retain(|id| *id != call.input().client_id);
        call.put(changed);
        Ok(Empty {})
    }
}
