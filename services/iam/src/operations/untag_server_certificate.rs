//! `iam:UntagServerCertificate`: takes tags from a certificate. Its tests are those of UploadServerCertificate.

use iam_api::shapes::UntagServerCertificateRequest;
use iam_api::{operations, permission};
use identity::ServerCertificate;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::find::Named;
use crate::tagging;

pub(crate) struct UntagServerCertificate;

impl Operation for UntagServerCertificate {
    type Api = operations::UntagServerCertificate;
    type Target = Named<ServerCertificate>;

    async fn access(
        input: &UntagServerCertificateRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::<ServerCertificate>::find(look, &input.server_certificate_name).await?;
        let server_certificate = named.resource();
        Ok(Access::to(
            named,
            permission::UntagServerCertificate {
                server_certificate,
                tag_keys: input.tag_keys.clone(),
            },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let found = call.target().found()?;
        let keys = call.input().tag_keys.iter().map(String::as_str);
        call.put(ServerCertificate {
            tags: tagging::without_exactly(&found.tags, keys),
            ..ServerCertificate::clone(found)
        });
        Ok(Empty {})
    }
}
