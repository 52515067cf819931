//! `iam:ResetServiceSpecificCredential`: another password for a service, shown this once. Its tests are those of CreateServiceSpecificCredential.

use iam_api::shapes::{
    ResetServiceSpecificCredentialRequest, ResetServiceSpecificCredentialResponse,
};
use iam_api::{operations, permission};
use identity::{HeldCredential, HeldKind};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Subject;
use crate::held;

pub(crate) struct ResetServiceSpecificCredential;

impl Operation for ResetServiceSpecificCredential {
    type Api = operations::ResetServiceSpecificCredential;
    type Target = Subject;

    async fn access(
        input: &ResetServiceSpecificCredentialRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        let service =
            held::service_of(look, &subject, &input.service_specific_credential_id).await?;
        let needs = permission::ResetServiceSpecificCredential {
            user,
            service_specific_credential_service_name: service.map(Into::into),
        };
        Ok(Access::to(subject, needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<ResetServiceSpecificCredentialResponse, Failure> {
        let (input, user) = (call.input(), call.target().holder()?);
        let id = &input.service_specific_credential_id;
        let found = held::find(call.look(), user, id, held::is_service_password).await?;
        let password = call.secret_access_key();
        let hash = call.hash_password(&password).await?;
        let mut changed = HeldCredential::clone(&found);
        if let HeldKind::ServiceSpecific(held) = &mut changed.kind {
            held.hash = hash.text().clone();
        }
        let shown = held::service_shape(user, &changed, password);
        call.put(changed);
        Ok(ResetServiceSpecificCredentialResponse {
            service_specific_credential: Some(shown),
        })
    }
}
