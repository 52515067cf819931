//! `kms:UpdateKeyDescription`: replaces the words that describe a key.

use kms_api::shapes::UpdateKeyDescriptionRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::key::Key;
use crate::sought::Sought;

pub(crate) struct UpdateKeyDescription;

impl Operation for UpdateKeyDescription {
    type Api = operations::UpdateKeyDescription;
    type Target = Sought;

    async fn access(
        input: &UpdateKeyDescriptionRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::UpdateKeyDescription {
            key: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let key = call.target().key()?;
        key.not_pending_deletion()?;
        let description = call.input().description.clone();
        call.put(Key {
            description,
            ..Key::clone(key)
        });
        Ok(Empty)
    }
}
