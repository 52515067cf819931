//! `kms:TagResource`: adds tags to a key, and changes those it has.

use kms_api::shapes::TagResourceRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::key::Key;
use crate::sought::Sought;
use crate::tags;

pub(crate) struct TagResource;

impl Operation for TagResource {
    type Api = operations::TagResource;
    type Target = Sought;

    async fn access(
        input: &TagResourceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::TagResource {
            key: sought.resource(),
            request_tags: tags::requested(&input.tags),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let key = call.target().key()?;
        key.not_pending_deletion()?;
        let tags = tags::added(&key.tags, &call.input().tags)?;
        call.put(Key {
            tags,
            ..Key::clone(key)
        });
        Ok(Empty)
    }
}
