//! What KMS and an external key store proxy say to each other, in JSON.
//!
//! Source: AWS KMS External Key Store Proxy API Specification.

use base::Secret;
use serde::{Deserialize, Serialize};

/// On whose behalf KMS asks.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestMetadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) aws_principal_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kms_key_arn: Option<String>,
    pub(crate) kms_operation: &'static str,
    pub(crate) kms_request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kms_via_service: Option<String>,
}

/// GetHealthStatus and GetKeyMetadata.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Question<'a> {
    pub(super) request_metadata: &'a RequestMetadata,
}

/// Encrypt. Has no `Debug`: it holds a plaintext, if one that is sealed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EncryptQuestion<'a> {
    pub(super) request_metadata: &'a RequestMetadata,
    pub(super) additional_authenticated_data: &'a str,
    pub(super) plaintext: &'a str,
    pub(super) encryption_algorithm: &'static str,
    pub(super) ciphertext_data_integrity_value_algorithm: &'static str,
}

/// Decrypt.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DecryptQuestion<'a> {
    pub(super) request_metadata: &'a RequestMetadata,
    pub(super) additional_authenticated_data: &'a str,
    pub(super) ciphertext: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ciphertext_metadata: Option<&'a str>,
    pub(super) initialization_vector: &'a str,
    pub(super) authentication_tag: &'a str,
    pub(super) encryption_algorithm: &'static str,
}

/// The answer to GetHealthStatus.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Health {
    pub(super) xks_proxy_fleet_size: u64,
    #[serde(rename = "xksProxyVendor")]
    _xks_proxy_vendor: String,
    #[serde(rename = "xksProxyModel")]
    _xks_proxy_model: String,
    #[serde(rename = "ekmVendor")]
    _ekm_vendor: String,
    pub(super) ekm_fleet_details: Vec<KeyManager>,
}

/// One key manager behind a proxy.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyManager {
    #[serde(rename = "id")]
    _id: String,
    #[serde(rename = "model")]
    _model: String,
    pub(super) health_status: HealthStatus,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum HealthStatus {
    Active,
    Degraded,
    Unavailable,
}

/// The answer to GetKeyMetadata.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyMetadata {
    pub(super) key_spec: String,
    pub(super) key_usage: Vec<String>,
    pub(super) key_status: String,
}

/// The answer to Encrypt, in base64.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EncryptAnswer {
    pub(super) ciphertext: String,
    pub(super) ciphertext_metadata: Option<String>,
    pub(super) initialization_vector: String,
    pub(super) authentication_tag: String,
    pub(super) ciphertext_data_integrity_value: Option<String>,
}

/// The answer to Decrypt, in base64. Has no `Debug`: it holds a plaintext.
#[derive(Deserialize)]
pub(super) struct DecryptAnswer {
    #[serde(deserialize_with = "secret")]
    pub(super) plaintext: Secret<String>,
}

fn secret<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Secret<String>, D::Error> {
    String::deserialize(from).map(Secret::new)
}

/// The answer when something went wrong.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorAnswer {
    pub(super) error_name: String,
}
