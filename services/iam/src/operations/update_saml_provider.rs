//! `iam:UpdateSAMLProvider`: new metadata, as when certificates change, or another private key. Its tests are those of
//! CreateSAMLProvider.

use iam_api::shapes::{UpdateSAMLProviderRequest, UpdateSAMLProviderResponse};
use iam_api::{operations, permission};
use identity::{AssertionEncryption, SamlMetadata, SamlPrivateKey, SamlProvider};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::errors;
use crate::saml_provider::{self, Described, Named};

pub(crate) struct UpdateSAMLProvider;

impl Operation for UpdateSAMLProvider {
    type Api = operations::UpdateSAMLProvider;
    type Target = Named;

    async fn access(
        input: &UpdateSAMLProviderRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::find(look, &input.saml_provider_arn).await?;
        let needs = permission::UpdateSAMLProvider {
            saml_provider: named.resource(),
        };
        Ok(Access::to(named, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<UpdateSAMLProviderResponse, Failure> {
        let input = call.input();
        let mut provider = SamlProvider::clone(call.target().found()?);
        check(input)?;
        if let Some(text) = &input.saml_metadata_document {
            let described = Described::by(text, call.call().now())?;
            provider.issuer = described.issuer;
            provider.certificates = described.certificates;
            provider.valid_until = described.valid_until;
            call.put(SamlMetadata {
                account: provider.account,
                name: provider.name.clone(),
                text: text.clone(),
            });
        }
        change_keys(&call, &mut provider.private_keys)?;
        let otherwise = match input.add_private_key {
            Some(_) => provider.encryption.or(Some(AssertionEncryption::Allowed)),
            None => provider.encryption,
        };
        let mode = input.assertion_encryption_mode;
        let removes_last = input.remove_private_key.is_some()
            && mode.is_none()
            && provider.private_keys.is_empty()
            && otherwise == Some(AssertionEncryption::Required);
        if removes_last {
            return Err(errors::private_key_is_needed());
        }
        provider.encryption = saml_provider::encryption(mode, otherwise, &provider.private_keys)?;
        let arn = provider.arn.to_string();
        call.put(provider);
        Ok(UpdateSAMLProviderResponse {
            saml_provider_arn: Some(arn),
        })
    }
}

fn check(input: &UpdateSAMLProviderRequest) -> Result<(), Failure> {
    let (adds, removes) = (&input.add_private_key, &input.remove_private_key);
    if adds.is_some() && removes.is_some() {
        return Err(errors::two_changes_of_private_keys());
    }
    let nothing = input.saml_metadata_document.is_none()
        && input.assertion_encryption_mode.is_none()
        && adds.is_none()
        && removes.is_none();
    match nothing {
        true => Err(errors::nothing_to_update()),
        false => Ok(()),
    }
}

fn change_keys(
    call: &Permitted<'_, UpdateSAMLProvider>,
    keys: &mut Vec<SamlPrivateKey>,
) -> Result<(), Failure> {
    let input = call.input();
    if let Some(pem) = &input.add_private_key {
        let key = saml_provider::private_key(pem, call.call().now())?;
        if keys.len() >= SamlProvider::MOST_PRIVATE_KEYS {
            return Err(errors::too_many_private_keys());
        }
        keys.push(key);
    }
    if let Some(id) = &input.remove_private_key {
        let before = keys.len();
        keys.retain(|key| key.id != *id);
        if keys.len() == before {
            return Err(errors::no_such_private_key());
        }
    }
    Ok(())
}
