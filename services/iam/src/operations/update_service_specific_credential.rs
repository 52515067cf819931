//! `iam:UpdateServiceSpecificCredential`: switches a password for a service on or off. Its tests are those of CreateServiceSpecificCredential.

use iam_api::shapes::UpdateServiceSpecificCredentialRequest;
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::find::Subject;
use crate::held;

pub(crate) struct UpdateServiceSpecificCredential;

impl Operation for UpdateServiceSpecificCredential {
    type Api = operations::UpdateServiceSpecificCredential;
    type Target = Subject;

    async fn access(
        input: &UpdateServiceSpecificCredentialRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        let service =
            held::service_of(look, &subject, &input.service_specific_credential_id).await?;
        let needs = permission::UpdateServiceSpecificCredential {
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
        call.put(held::with_status(&found, input.status)?);
        Ok(Empty {})
    }
}
