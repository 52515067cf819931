//! `kms:CancelKeyDeletion`: keeps a key that was going to be deleted. It stays disabled.

use kms_api::shapes::{CancelKeyDeletionRequest, CancelKeyDeletionResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;

use crate::deletion::Deletion;
use crate::errors;
use crate::key::Key;
use crate::key_state::KeyState;
use crate::sought::Sought;

pub(crate) struct CancelKeyDeletion;

impl Operation for CancelKeyDeletion {
    type Api = operations::CancelKeyDeletion;
    type Target = Sought;

    async fn access(
        input: &CancelKeyDeletionRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::CancelKeyDeletion {
            key: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CancelKeyDeletionResponse, Failure> {
        let key = call.target().key()?;
        let KeyState::PendingDeletion { at, .. } = key.state else {
            return Err(errors::not_pending_deletion(&key.arn));
        };
        call.delete::<Deletion>(&Deletion::of(key, at).key());
        call.put(Key {
            state: key.state.disabled(),
            ..Key::clone(key)
        });
        Ok(CancelKeyDeletionResponse {
            key_id: Some(key.arn.to_string()),
        })
    }
}
