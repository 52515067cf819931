//! `iam:DeleteSAMLProvider`: the end of a provider. Roles that trust it stay, and nobody can assume them through it any
//! more. Its tests are those of CreateSAMLProvider.

use iam_api::shapes::DeleteSAMLProviderRequest;
use iam_api::{operations, permission};
use identity::{SamlMetadata, SamlProvider};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::saml_provider::Named;

pub(crate) struct DeleteSAMLProvider;

impl Operation for DeleteSAMLProvider {
    type Api = operations::DeleteSAMLProvider;
    type Target = Named;

    async fn access(
        input: &DeleteSAMLProviderRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::find(look, &input.saml_provider_arn).await?;
        let needs = permission::DeleteSAMLProvider {
            saml_provider: named.resource(),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let key = call.target().found()?.key();
        call.delete::<SamlProvider>(&key);
        call.delete::<SamlMetadata>(&key);
        Ok(Empty {})
    }
}
