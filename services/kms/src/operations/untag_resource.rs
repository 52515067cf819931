//! `kms:UntagResource`: takes tags from a key.

use kms_api::shapes::UntagResourceRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::key::Key;
use crate::sought::Sought;
use crate::tags;

pub(crate) struct UntagResource;

impl Operation for UntagResource {
    type Api = operations::UntagResource;
    type Target = Sought;

    async fn access(
        input: &UntagResourceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::UntagResource {
            key: sought.resource(),
            tag_keys: input.tag_keys.clone(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let key = call.target().key()?;
        key.not_pending_deletion()?;
        let tags = tags::removed(&key.tags, &call.input().tag_keys)?;
        call.put(Key {
            tags,
            ..Key::clone(key)
        });
        Ok(Empty)
    }
}
