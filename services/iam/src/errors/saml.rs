//! Errors of operations on SAML providers. AWS: IAM User Guide, "Troubleshoot SAML federation with IAM".

use iam_api::errors;
use pipeline::Failure;

/// The account has a SAML provider of this name.
pub(crate) fn saml_provider_exists(name: &str) -> Failure {
    let message = format!("Provider with name {name} already exists.");
    errors::ENTITY_ALREADY_EXISTS_EXCEPTION.says(message).into()
}

/// There is no SAML provider of this ARN.
pub(crate) fn no_such_saml_provider(arn: &str) -> Failure {
    let message = format!("Manifest not found for arn {arn}");
    errors::NO_SUCH_ENTITY_EXCEPTION.says(message).into()
}

/// A metadata document that is none.
pub(crate) fn no_saml_metadata() -> Failure {
    invalid_input("Could not parse metadata")
}

/// A private key that opens nothing.
pub(crate) fn invalid_saml_private_key() -> Failure {
    invalid_input("Invalid private key.")
}

/// Encrypted assertions are to be required, and nothing could open them.
pub(crate) fn no_private_key_to_require() -> Failure {
    invalid_input(
        "Unable to set assertion encryption mode to Required because no private key is provided.",
    )
}

/// The last private key, which encrypted assertions need that are required.
pub(crate) fn private_key_is_needed() -> Failure {
    invalid_input("Failed to remove private key.")
}

/// More private keys than a provider may have.
pub(crate) fn too_many_private_keys() -> Failure {
    errors::LIMIT_EXCEEDED_EXCEPTION
        .says("Private key limit of 2 is reached.")
        .into()
}

/// The provider has no private key of this id.
pub(crate) fn no_such_private_key() -> Failure {
    invalid_input("Failed to remove private key because the Key ID does not match a private key.")
}

/// A private key to add and another to remove.
pub(crate) fn two_changes_of_private_keys() -> Failure {
    invalid_input(
        "Unable to add and remove private keys in the same request. Set a value for only one of the two parameters.",
    )
}

/// An update that changes nothing.
pub(crate) fn nothing_to_update() -> Failure {
    invalid_input(
        "Unable to update identity provider. No updates are defined for metadata or encryption assertion.",
    )
}

fn invalid_input(message: &'static str) -> Failure {
    errors::INVALID_INPUT_EXCEPTION.says(message).into()
}
