//! `iam:GetServerCertificate`: a certificate, without its private key. Its tests are those of UploadServerCertificate.

use crate::find::Named;
use crate::server_certificate::metadata;
use crate::tagging;
use iam_api::shapes::{self, GetServerCertificateRequest, GetServerCertificateResponse};
use iam_api::{operations, permission};
use identity::ServerCertificate;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

pub(crate) struct GetServerCertificate;

impl Operation for GetServerCertificate {
    type Api = operations::GetServerCertificate;
    type Target = Named<ServerCertificate>;

    async fn access(
        input: &GetServerCertificateRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::<ServerCertificate>::find(look, &input.server_certificate_name).await?;
        let server_certificate = named.resource();
        Ok(Access::to(
            named,
            permission::GetServerCertificate { server_certificate },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetServerCertificateResponse, Failure> {
        let found = call.target().found()?;
        Ok(GetServerCertificateResponse {
            server_certificate: shapes::ServerCertificate {
                server_certificate_metadata: metadata(found),
                certificate_body: found.body.clone(),
                certificate_chain: found.chain.clone(),
                tags: tagging::shape(&found.tags),
            },
        })
    }
}
