//! `iam:UntagOpenIDConnectProvider`: takes tags from a provider. Its tests are those of
//! CreateOpenIDConnectProvider.

use iam_api::shapes::UntagOpenIDConnectProviderRequest;
use iam_api::{operations, permission};
use identity::OpenIdConnectProvider;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::open_id_connect_provider::Named;
use crate::tagging;

pub(crate) struct UntagOpenIDConnectProvider;

impl Operation for UntagOpenIDConnectProvider {
    type Api = operations::UntagOpenIDConnectProvider;
    type Target = Named;

    async fn access(
        input: &UntagOpenIDConnectProviderRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::find(look, &input.open_id_connect_provider_arn).await?;
        let needs = permission::UntagOpenIDConnectProvider {
            oidc_provider: named.resource(),
            tag_keys: input.tag_keys.clone(),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let provider = call.target().found()?;
        let keys = call.input().tag_keys.iter().map(String::as_str);
        call.put(OpenIdConnectProvider {
            tags: tagging::without_exactly(&provider.tags, keys),
            ..OpenIdConnectProvider::clone(provider)
        });
        Ok(Empty {})
    }
}
