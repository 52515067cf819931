//! Server certificates: naming one, and how the API shows it.

use std::sync::Arc;

use base::{AccountId, Arn};
use iam_api::shapes::ServerCertificateMetadata;
use identity::ServerCertificate;
use pipeline::Failure;
use policy::Resource;
use storage::Key;

use crate::errors;
use crate::find::Entity;

/// Certificates that an account may have. AWS: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const MOST: usize = 20;

impl Entity for ServerCertificate {
    const KIND: &'static str = "server certificate";
    fn key_of(account: AccountId, name: &str) -> Key {
        Self::key_of(account, name)
    }
    fn arn_of(account: AccountId, path: &str, name: &str) -> Arn {
        Self::arn_of(account, path, name)
    }
    fn resource(record: &Arc<Self>) -> Arc<dyn Resource> {
        record.clone()
    }
    fn missing(name: &str) -> Failure {
        errors::no_such("Server Certificate", name)
    }
}

/// What is told of a certificate beside itself.
pub(crate) fn metadata(certificate: &ServerCertificate) -> ServerCertificateMetadata {
    ServerCertificateMetadata {
        path: certificate.path.clone(),
        server_certificate_name: certificate.name.clone(),
        server_certificate_id: certificate.id.clone(),
        arn: certificate.arn.to_string(),
        upload_date: Some(certificate.uploaded),
        expiration: Some(certificate.expires),
    }
}
