//! Errors of operations on OpenID Connect providers.

use iam_api::errors;
use pipeline::Failure;

use super::validation;

/// A URL that no OpenID Connect provider can have.
pub(crate) fn invalid_oidc_url() -> Failure {
    validation("Invalid Open ID Connect Provider URL")
}

/// The account has a provider of this URL.
pub(crate) fn oidc_provider_exists(url: &str) -> Failure {
    let message = format!("Provider with url {url} already exists.");
    errors::ENTITY_ALREADY_EXISTS_EXCEPTION.says(message).into()
}

/// There is no OpenID Connect provider of this ARN.
pub(crate) fn no_such_oidc_provider(arn: &str) -> Failure {
    let message = format!("OpenIDConnect Provider not found for arn {arn}");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// More thumbprints than a provider may have.
pub(crate) fn too_many_thumbprints() -> Failure {
    errors::INVALID_INPUT_EXCEPTION
        .says("Thumbprint list must contain fewer than 5 entries.")
        .into()
}

/// A thumbprint that is no SHA-1 in hexadecimal.
pub(crate) fn invalid_thumbprint() -> Failure {
    errors::INVALID_INPUT_EXCEPTION
        .says("Invalid Thumbprint")
        .into()
}
