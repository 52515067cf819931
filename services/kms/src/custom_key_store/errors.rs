//! What goes wrong with custom key stores, with AWS's message where it is known.

use std::borrow::Cow;

use base::Arn;
use kms_api::errors;
use pipeline::Failure;
use wire::ErrorFacts;

fn says(facts: &'static ErrorFacts, message: impl Into<Cow<'static, str>>) -> Failure {
    facts.says(message).into()
}

pub(crate) fn no_such_store(id: &str) -> Failure {
    let message = format!("Custom key store '{id}' does not exist");
    says(&errors::CUSTOM_KEY_STORE_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn no_store_named(name: &str) -> Failure {
    let message = format!("There is no custom key store named '{name}'");
    says(&errors::CUSTOM_KEY_STORE_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn name_in_use(name: &str) -> Failure {
    let message = format!("A custom key store named '{name}' already exists");
    says(&errors::CUSTOM_KEY_STORE_NAME_IN_USE_EXCEPTION, message)
}

pub(crate) fn too_many_stores(most: usize) -> Failure {
    let message = format!("The account has {most} custom key stores in this region already.");
    says(&errors::LIMIT_EXCEEDED_EXCEPTION, message)
}

pub(crate) fn has_keys(id: &str) -> Failure {
    let message = format!("Custom key store '{id}' contains KMS keys.");
    says(&errors::CUSTOM_KEY_STORE_HAS_CMKS_EXCEPTION, message)
}

pub(crate) fn wrong_state(id: &str, state: &str, operation: &str) -> Failure {
    let message = format!(
        "Custom key store '{id}' has the connection state {state}, which is not valid for {operation}."
    );
    invalid_state(message)
}

pub(crate) fn invalid_state(message: impl Into<Cow<'static, str>>) -> Failure {
    says(&errors::CUSTOM_KEY_STORE_INVALID_STATE_EXCEPTION, message)
}

pub(crate) fn invalid_key_state(message: impl Into<Cow<'static, str>>) -> Failure {
    says(&errors::KMS_INVALID_STATE_EXCEPTION, message)
}

pub(crate) fn timed_out(message: &'static str) -> Failure {
    says(&errors::DEPENDENCY_TIMEOUT_EXCEPTION, message)
}

pub(crate) fn unsupported_in_store(key: &Arn) -> Failure {
    says(
        &errors::UNSUPPORTED_OPERATION_EXCEPTION,
        format!("{key} is in a custom key store, which is not valid for this operation."),
    )
}

pub(crate) fn cluster_not_found(id: &str) -> Failure {
    let message = format!("Cluster '{id}' does not exist in this region.");
    says(&errors::CLOUD_HSM_CLUSTER_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn cluster_not_active(id: &str) -> Failure {
    let message = format!("Cluster '{id}' is not active.");
    says(&errors::CLOUD_HSM_CLUSTER_NOT_ACTIVE_EXCEPTION, message)
}

pub(crate) fn cluster_in_use(id: &str) -> Failure {
    let message = format!(
        "Cluster '{id}', or one that shares a backup history with it, is associated with a custom \
         key store already."
    );
    says(&errors::CLOUD_HSM_CLUSTER_IN_USE_EXCEPTION, message)
}

pub(crate) fn cluster_not_related(id: &str) -> Failure {
    let message = format!(
        "Cluster '{id}' shares no backup history with the cluster of the custom key store."
    );
    says(&errors::CLOUD_HSM_CLUSTER_NOT_RELATED_EXCEPTION, message)
}

pub(crate) fn too_few_hsms(id: &str, wanted: &str) -> Failure {
    let message = format!("Cluster '{id}' does not have {wanted}.");
    says(
        &errors::CLOUD_HSM_CLUSTER_INVALID_CONFIGURATION_EXCEPTION,
        message,
    )
}

pub(crate) fn incorrect_trust_anchor(id: &str) -> Failure {
    let message = format!(
        "The trust anchor certificate is not the one that cluster '{id}' was initialized with."
    );
    says(&errors::INCORRECT_TRUST_ANCHOR_EXCEPTION, message)
}

pub(crate) fn proxy_uri_in_use() -> Failure {
    says(
        &errors::XKS_PROXY_URI_IN_USE_EXCEPTION,
        "Another external key store in this region has this URI endpoint and path already.",
    )
}

pub(crate) fn no_vpc_endpoint_service() -> Failure {
    says(
        &errors::XKS_PROXY_VPC_ENDPOINT_SERVICE_NOT_FOUND_EXCEPTION,
        "There is no such VPC endpoint service.",
    )
}

pub(crate) fn xks_key_in_use(id: &str) -> Failure {
    let message =
        format!("External key '{id}' is associated with a KMS key in this store already.");
    says(&errors::XKS_KEY_ALREADY_IN_USE_EXCEPTION, message)
}

pub(crate) fn xks_key_configuration(message: impl Into<Cow<'static, str>>) -> Failure {
    says(&errors::XKS_KEY_INVALID_CONFIGURATION_EXCEPTION, message)
}

pub(crate) fn xks_key_not_found(message: impl Into<Cow<'static, str>>) -> Failure {
    says(&errors::XKS_KEY_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn proxy_response(message: &'static str) -> Failure {
    says(&errors::XKS_PROXY_INVALID_RESPONSE_EXCEPTION, message)
}

pub(crate) fn proxy_credential(message: &'static str) -> Failure {
    let facts = &errors::XKS_PROXY_INCORRECT_AUTHENTICATION_CREDENTIAL_EXCEPTION;
    says(facts, message)
}

pub(crate) fn proxy_configuration(message: &'static str) -> Failure {
    says(&errors::XKS_PROXY_INVALID_CONFIGURATION_EXCEPTION, message)
}

pub(crate) fn proxy_unreachable(message: &'static str) -> Failure {
    says(&errors::XKS_PROXY_URI_UNREACHABLE_EXCEPTION, message)
}
