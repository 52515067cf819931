//! `iam:GetSAMLProvider`: what is known of a provider. Its private keys are not given out. Its tests are those of
//! CreateSAMLProvider.

use iam_api::shapes::{
    AssertionEncryptionModeType, GetSAMLProviderRequest, GetSAMLProviderResponse, SAMLPrivateKey,
};
use iam_api::{operations, permission};
use identity::{AssertionEncryption, SamlMetadata};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;

use crate::saml_provider::Named;
use crate::{errors, tagging};

pub(crate) struct GetSAMLProvider;

impl Operation for GetSAMLProvider {
    type Api = operations::GetSAMLProvider;
    type Target = Named;

    async fn access(
        input: &GetSAMLProviderRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::find(look, &input.saml_provider_arn).await?;
        let needs = permission::GetSAMLProvider {
            saml_provider: named.resource(),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetSAMLProviderResponse, Failure> {
        let provider = call.target().found()?;
        let metadata = call.look().glimpse::<SamlMetadata>(&provider.key()).await?;
        let gone = || errors::no_such_saml_provider(provider.arn.as_str());
        let metadata = metadata.ok_or_else(gone)?;
        let keys = provider.private_keys.iter().map(|key| SAMLPrivateKey {
            key_id: Some(key.id.clone()),
            timestamp: Some(key.uploaded),
        });
        Ok(GetSAMLProviderResponse {
            saml_provider_uuid: Some(provider.id.clone()),
            saml_metadata_document: Some(metadata.text.clone()),
            create_date: Some(provider.created),
            valid_until: Some(provider.valid_until),
            tags: tagging::shape(&provider.tags),
            assertion_encryption_mode: provider.encryption.map(|mode| match mode {
                AssertionEncryption::Required => AssertionEncryptionModeType::Required,
                AssertionEncryption::Allowed => AssertionEncryptionModeType::Allowed,
            }),
            private_key_list: (!provider.private_keys.is_empty()).then(|| keys.collect()),
        })
    }
}
