//! `kms:DisableKey`: forbids every use of a key, until it is enabled.

use kms_api::shapes::DisableKeyRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::key::{DAYS_WITHOUT_USE, Key};
use crate::sought::Sought;

pub(crate) struct DisableKey;

impl Operation for DisableKey {
    type Api = operations::DisableKey;
    type Target = Sought;

    async fn access(input: &DisableKeyRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::DisableKey {
            key: sought.resource(),
            trailing_days_without_key_usage: Some(DAYS_WITHOUT_USE),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let key = call.target().key()?;
        key.not_pending_deletion()?;
        call.put(Key {
            state: key.state.disabled(),
            ..Key::clone(key)
        });
        Ok(Empty)
    }
}
