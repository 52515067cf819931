//! `iam:DeleteSigningCertificate`: the end of a certificate. Its tests are those of UploadSigningCertificate.

use iam_api::shapes::DeleteSigningCertificateRequest;
use iam_api::{operations, permission};
use identity::HeldCredential;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::find::Subject;
use crate::held;

pub(crate) struct DeleteSigningCertificate;

impl Operation for DeleteSigningCertificate {
    type Api = operations::DeleteSigningCertificate;
    type Target = Subject;

    async fn access(
        input: &DeleteSigningCertificateRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        let needs = permission::DeleteSigningCertificate { user };
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
        call.delete::<HeldCredential>(&found.key());
        Ok(Empty {})
    }
}
