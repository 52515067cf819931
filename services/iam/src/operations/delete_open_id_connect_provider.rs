//! `iam:DeleteOpenIDConnectProvider`: the end of a provider. Roles that trust it stay, and nobody can assume them
//! through it any more. Its tests are those of
//! CreateOpenIDConnectProvider.

use iam_api::shapes::DeleteOpenIDConnectProviderRequest;
use iam_api::{operations, permission};
use identity::OpenIdConnectProvider;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::open_id_connect_provider::Named;

pub(crate) struct DeleteOpenIDConnectProvider;

impl Operation for DeleteOpenIDConnectProvider {
    type Api = operations::DeleteOpenIDConnectProvider;
    type Target = Named;

    async fn access(
        input: &DeleteOpenIDConnectProviderRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::find(look, &input.open_id_connect_provider_arn).await?;
        let needs = permission::DeleteOpenIDConnectProvider {
            oidc_provider: named.resource(),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let provider = call.target().found()?;
        call.delete::<OpenIdConnectProvider>(&provider.key());
        Ok(Empty {})
    }
}
