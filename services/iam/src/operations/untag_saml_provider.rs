//! `iam:UntagSAMLProvider`: takes tags from a provider. Its tests are those of
//! CreateSAMLProvider.

use iam_api::shapes::UntagSAMLProviderRequest;
use iam_api::{operations, permission};
use identity::SamlProvider;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::saml_provider::Named;
use crate::tagging;

pub(crate) struct UntagSAMLProvider;

impl Operation for UntagSAMLProvider {
    type Api = operations::UntagSAMLProvider;
    type Target = Named;

    async fn access(
        input: &UntagSAMLProviderRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::find(look, &input.saml_provider_arn).await?;
        let needs = permission::UntagSAMLProvider {
            saml_provider: named.resource(),
            tag_keys: input.tag_keys.clone(),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let provider = call.target().found()?;
        let keys = call.input().tag_keys.iter().map(String::as_str);
        call.put(SamlProvider {
            tags: tagging::without_exactly(&provider.tags, keys),
            ..SamlProvider::clone(provider)
        });
        Ok(Empty {})
    }
}
