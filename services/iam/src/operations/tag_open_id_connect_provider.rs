//! `iam:TagOpenIDConnectProvider`: gives a provider tags, or new values to those it has. Its tests are those of
//! CreateOpenIDConnectProvider.

use iam_api::shapes::TagOpenIDConnectProviderRequest;
use iam_api::{operations, permission};
use identity::OpenIdConnectProvider;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::open_id_connect_provider::Named;
use crate::tagging;

pub(crate) struct TagOpenIDConnectProvider;

impl Operation for TagOpenIDConnectProvider {
    type Api = operations::TagOpenIDConnectProvider;
    type Target = Named;

    async fn access(
        input: &TagOpenIDConnectProviderRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::find(look, &input.open_id_connect_provider_arn).await?;
        let needs = permission::TagOpenIDConnectProvider {
            oidc_provider: named.resource(),
            request_tags: tagging::requested(Some(&input.tags)),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let provider = call.target().found()?;
        call.put(OpenIdConnectProvider {
            tags: tagging::with_exactly(&provider.tags, &call.input().tags)?,
            ..OpenIdConnectProvider::clone(provider)
        });
        Ok(Empty {})
    }
}
