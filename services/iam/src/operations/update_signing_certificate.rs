//! `iam:UpdateSigningCertificate`: switches a certificate on or off. Its tests are those of UploadSigningCertificate.

use iam_api::shapes::UpdateSigningCertificateRequest;
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::find::Subject;
use crate::held;

pub(crate) struct UpdateSigningCertificate;

impl Operation for UpdateSigningCertificate {
    type Api = operations::UpdateSigningCertificate;
    type Target = Subject;

    async fn access(
        input: &UpdateSigningCertificateRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        let needs = permission::UpdateSigningCertificate { user };
        Ok(Access::to(subject, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (input, user) = (call.input(), call.target().holder()?);
        let found = held::find(
            call.look(),
            user,
            &input.certificate_id,
            held::is_certificate,
        )
        .await?;
        call.put(held::with_status(&found, input.status)?);
        Ok(Empty {})
    }
}
