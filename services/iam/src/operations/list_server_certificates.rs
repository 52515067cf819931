//! `iam:ListServerCertificates`: the certificates of the account, by path prefix. Its tests are those of
//! UploadServerCertificate.

use iam_api::shapes::{ListServerCertificatesRequest, ListServerCertificatesResponse};
use iam_api::{operations, permission};
use identity::ServerCertificate;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::paging::{Paging, below};
use crate::server_certificate::metadata;

pub(crate) struct ListServerCertificates;

impl Operation for ListServerCertificates {
    type Api = operations::ListServerCertificates;
    type Target = Paging;

    async fn access(
        input: &ListServerCertificatesRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        Ok(Access::to(paging, permission::ListServerCertificates {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListServerCertificatesResponse, Failure> {
        let prefix = ServerCertificate::prefix(call.call().account());
        let wanted = |found: &ServerCertificate| below(&call.input().path_prefix, &found.path);
        let page = call
            .target()
            .records(
                call.look(),
                &prefix,
                |found: &ServerCertificate| &found.name,
                wanted,
            )
            .await?;
        Ok(ListServerCertificatesResponse {
            server_certificate_metadata_list: page.map(|found| metadata(found)),
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}
