//! `iam:UpdateSSHPublicKey`: switches a key on or off. Its tests are those of UploadSSHPublicKey.

use iam_api::shapes::UpdateSSHPublicKeyRequest;
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::find::Subject;
use crate::held;

pub(crate) struct UpdateSSHPublicKey;

impl Operation for UpdateSSHPublicKey {
    type Api = operations::UpdateSSHPublicKey;
    type Target = Subject;

    async fn access(
        input: &UpdateSSHPublicKeyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, Some(&input.user_name)).await?;
        let user = subject.resource(look.call().account());
        let needs = permission::UpdateSSHPublicKey { user };
        Ok(Access::to(subject, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (input, user) = (call.input(), call.target().holder()?);
        let found = held::find(
            call.look(),
            user,
            &input.ssh_public_key_id,
            held::is_ssh_key,
        )
        .await?;
        call.put(held::with_status(&found, input.status)?);
        Ok(Empty {})
    }
}
