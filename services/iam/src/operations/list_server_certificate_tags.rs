//! `iam:ListServerCertificateTags`: the tags of a certificate. Its tests are those of UploadServerCertificate.

use crate::find::Named;
use crate::paging::Paging;
use crate::tagging;
use iam_api::shapes::{ListServerCertificateTagsRequest, ListServerCertificateTagsResponse};
use iam_api::{operations, permission};
use identity::ServerCertificate;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

pub(crate) struct ListServerCertificateTags;

impl Operation for ListServerCertificateTags {
    type Api = operations::ListServerCertificateTags;
    type Target = Named<ServerCertificate>;

    async fn access(
        input: &ListServerCertificateTagsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::<ServerCertificate>::find(look, &input.server_certificate_name).await?;
        let server_certificate = named.resource();
        Ok(Access::to(
            named,
            permission::ListServerCertificateTags { server_certificate },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListServerCertificateTagsResponse, Failure> {
        let input = call.input();
        let paging = Paging::new(&input.marker, input.max_items)?;
        let page = tagging::page(&call.target().found()?.tags, &paging);
        Ok(ListServerCertificateTagsResponse {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            tags: page.items,
        })
    }
}
