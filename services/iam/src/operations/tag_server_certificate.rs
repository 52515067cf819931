//! `iam:TagServerCertificate`: gives a certificate tags, or new values to those it has. Its tests are those of UploadServerCertificate.

use iam_api::shapes::TagServerCertificateRequest;
use iam_api::{operations, permission};
use identity::ServerCertificate;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::find::Named;
use crate::tagging;

pub(crate) struct TagServerCertificate;

impl Operation for TagServerCertificate {
    type Api = operations::TagServerCertificate;
    type Target = Named<ServerCertificate>;

    async fn access(
        input: &TagServerCertificateRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::<ServerCertificate>::find(look, &input.server_certificate_name).await?;
        let server_certificate = named.resource();
        Ok(Access::to(
            named,
            permission::TagServerCertificate {
                server_certificate,
                request_tags: tagging::requested(Some(&input.tags)),
            },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let found = call.target().found()?;
        call.put(ServerCertificate {
            tags: tagging::with_exactly(&found.tags, &call.input().tags)?,
            ..ServerCertificate::clone(found)
        });
        Ok(Empty {})
    }
}
