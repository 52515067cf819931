//! `kms:EnableKey`: allows the use of a key that was disabled.

use kms_api::shapes::EnableKeyRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::key::Key;
use crate::sought::Sought;

pub(crate) struct EnableKey;

impl Operation for EnableKey {
    type Api = operations::EnableKey;
    type Target = Sought;

    async fn access(input: &EnableKeyRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::EnableKey {
            key: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let key = call.target().key()?;
        key.not_pending_deletion()?;
        call.put(Key {
            state: key.state.enabled(),
            ..Key::clone(key)
        });
        Ok(Empty)
    }
}
