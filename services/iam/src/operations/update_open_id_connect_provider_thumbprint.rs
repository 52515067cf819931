//! `iam:UpdateOpenIDConnectProviderThumbprint`: other certificates that vouch for a provider's server. Its tests are those of
//! CreateOpenIDConnectProvider.

use iam_api::shapes::UpdateOpenIDConnectProviderThumbprintRequest;
use iam_api::{operations, permission};
use identity::OpenIdConnectProvider;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::open_id_connect_provider::{self as provider, Named};

pub(crate) struct UpdateOpenIDConnectProviderThumbprint;

impl Operation for UpdateOpenIDConnectProviderThumbprint {
    type Api = operations::UpdateOpenIDConnectProviderThumbprint;
    type Target = Named;

    async fn access(
        input: &UpdateOpenIDConnectProviderThumbprintRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::find(look, &input.open_id_connect_provider_arn).await?;
        let needs = permission::UpdateOpenIDConnectProviderThumbprint {
            oidc_provider: named.resource(),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let provider = call.target().found()?;
        call.put(OpenIdConnectProvider {
            thumbprints: provider::thumbprints(&call.input().thumbprint_list)?,
            ..OpenIdConnectProvider::clone(provider)
        });
        Ok(Empty {})
    }
}
