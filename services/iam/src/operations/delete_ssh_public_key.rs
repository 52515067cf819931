//! `iam:DeleteSSHPublicKey`: the end of a key. Its tests are those of UploadSSHPublicKey.

use iam_api::shapes::DeleteSSHPublicKeyRequest;
use iam_api::{operations, permission};
use identity::HeldCredential;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::find::Subject;
use crate::held;

pub(crate) struct DeleteSSHPublicKey;

impl Operation for DeleteSSHPublicKey {
    type Api = operations::DeleteSSHPublicKey;
    type Target = Subject;

    async fn access(
        input: &DeleteSSHPublicKeyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, Some(&input.user_name)).await?;
        let user = subject.resource(look.call().account());
        let needs = permission::DeleteSSHPublicKey { user };
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
        call.delete::<HeldCredential>(&found.key());
        Ok(Empty {})
    }
}
