//! `iam:TagSAMLProvider`: gives a provider tags, or new values to those it has. Its tests are those of
//! CreateSAMLProvider.

use iam_api::shapes::TagSAMLProviderRequest;
use iam_api::{operations, permission};
use identity::SamlProvider;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::saml_provider::Named;
use crate::tagging;

pub(crate) struct TagSAMLProvider;

impl Operation for TagSAMLProvider {
    type Api = operations::TagSAMLProvider;
    type Target = Named;

    async fn access(
        input: &TagSAMLProviderRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::find(look, &input.saml_provider_arn).await?;
        let needs = permission::TagSAMLProvider {
            saml_provider: named.resource(),
            request_tags: tagging::requested(Some(&input.tags)),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let provider = call.target().found()?;
        call.put(SamlProvider {
            tags: tagging::with_exactly(&provider.tags, &call.input().tags)?,
            ..SamlProvider::clone(provider)
        });
        Ok(Empty {})
    }
}
