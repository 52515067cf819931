//! `iam:ListSSHPublicKeys`: the keys of a user. Its tests are those of UploadSSHPublicKey.

use iam_api::shapes::{ListSSHPublicKeysRequest, ListSSHPublicKeysResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Subject;
use crate::held;
use crate::paging::Paging;

pub(crate) struct ListSSHPublicKeys;

impl Operation for ListSSHPublicKeys {
    type Api = operations::ListSSHPublicKeys;
    type Target = Subject;

    async fn access(
        input: &ListSSHPublicKeysRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        let needs = permission::ListSSHPublicKeys { user };
        Ok(Access::to(subject, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListSSHPublicKeysResponse, Failure> {
        let (input, user) = (call.input(), call.target().holder()?);
        let paging = Paging::new(&input.marker, input.max_items)?;
        let held = held::of(call.look(), user, held::is_ssh_key).await?;
        let page = paging.list(held, |held| held.id.clone());
        Ok(ListSSHPublicKeysResponse {
            ssh_public_keys: Some(page.map(|held| held::ssh_listed(user, held))),
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}
