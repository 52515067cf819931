//! `iam:GetSSHPublicKey`: a key of a user, as SSH or as PEM. Its tests are those of UploadSSHPublicKey.

use iam_api::shapes::{EncodingType, GetSSHPublicKeyRequest, GetSSHPublicKeyResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Subject;
use crate::held;

pub(crate) struct GetSSHPublicKey;

impl Operation for GetSSHPublicKey {
    type Api = operations::GetSSHPublicKey;
    type Target = Subject;

    async fn access(
        input: &GetSSHPublicKeyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, Some(&input.user_name)).await?;
        let user = subject.resource(look.call().account());
        let needs = permission::GetSSHPublicKey { user };
        Ok(Access::to(subject, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetSSHPublicKeyResponse, Failure> {
        let (input, user) = (call.input(), call.target().holder()?);
        let found = held::find(
            call.look(),
            user,
            &input.ssh_public_key_id,
            held::is_ssh_key,
        );
        let found = found.await?;
        let key = held::ssh_key(held::body(&found))?;
        let body = match input.encoding {
            EncodingType::Ssh => key.ssh(),
            EncodingType::Pem => key.pem(),
        };
        Ok(GetSSHPublicKeyResponse {
            ssh_public_key: Some(held::ssh_shape(user, &found, &key, body)),
        })
    }
}
