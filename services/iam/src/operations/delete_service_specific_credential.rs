//! `iam:DeleteServiceSpecificCredential`: the end of a password for a service. Its tests are those of CreateServiceSpecificCredential.

use iam_api::shapes::DeleteServiceSpecificCredentialRequest;
use iam_api::{operations, permission};
use identity::HeldCredential;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::find::Subject;
use crate::held;

pub(crate) struct DeleteServiceSpecificCredential;

impl Operation for DeleteServiceSpecificCredential {
    type Api = operations::DeleteServiceSpecificCredential;
    type Target = Subject;

    async fn access(
        input: &DeleteServiceSpecificCredentialRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        let service =
            held::service_of(look, &subject, &input.service_specific_credential_id).await?;
        let needs = permission::DeleteServiceSpecificCredential {
            user,
            service_specific_credential_service_name: service.map(Into::into),
        };
        Ok(Access::to(subject, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (input, user) = (call.input(), call.target().holder()?);
        let found = held::find(
            call.look(),
            user,
            &input.service_specific_credential_id,
            held::is_service_password,
        )
        .await?;
        call.delete::<HeldCredential>(&found.key());
        Ok(Empty {})
    }
}
