//! `iam:ListSigningCertificates`: the certificates of a user. Its tests are those of UploadSigningCertificate.

use iam_api::shapes::{ListSigningCertificatesRequest, ListSigningCertificatesResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Subject;
use crate::held;
use crate::paging::Paging;

pub(crate) struct ListSigningCertificates;

impl Operation for ListSigningCertificates {
    type Api = operations::ListSigningCertificates;
    type Target = Subject;

    async fn access(
        input: &ListSigningCertificatesRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        let needs = permission::ListSigningCertificates { user };
        Ok(Access::to(subject, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListSigningCertificatesResponse, Failure> {
        let (input, user) = (call.input(), call.target().holder()?);
        let paging = Paging::new(&input.marker, input.max_items)?;
        let held = held::of(call.look(), user, held::is_certificate).await?;
        let page = paging.list(held, |held| held.id.clone());
        Ok(ListSigningCertificatesResponse {
            certificates: page.map(|held| held::certificate_shape(user, held)),
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}
