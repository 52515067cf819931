//! `iam:DeleteServerCertificate`: the end of a certificate and its private key. Its tests are those of UploadServerCertificate.

use iam_api::shapes::DeleteServerCertificateRequest;
use iam_api::{operations, permission};
use identity::ServerCertificate;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::find::Named;

pub(crate) struct DeleteServerCertificate;

impl Operation for DeleteServerCertificate {
    type Api = operations::DeleteServerCertificate;
    type Target = Named<ServerCertificate>;

    async fn access(
        input: &DeleteServerCertificateRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::<ServerCertificate>::find(look, &input.server_certificate_name).await?;
        let server_certificate = named.resource();
        Ok(Access::to(
            named,
            permission::DeleteServerCertificate { server_certificate },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let found = call.target().found()?;
        call.delete::<ServerCertificate>(&found.key());
        Ok(Empty {})
    }
}
