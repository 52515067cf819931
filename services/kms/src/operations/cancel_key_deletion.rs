//! `kms:CancelKeyDeletion`: keeps a key that was going to be deleted. It stays disabled.

use kms_api::shapes::{CancelKeyDeletionRequest, CancelKeyDeletionResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::errors;
use crate::key::Key;
use crate::queue;
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
        if key.not_pending_deletion().is_ok() {
            return Err(errors::not_pending_deletion(&key.arn));
        }
        let kept = Key {
            state: key.state.disabled(),
            ..Key::clone(key)
        };
        call.write(queue::replace(key, kept));
        Ok(CancelKeyDeletionResponse {
            key_id: Some(key.arn.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn};
    use serde_json::json;

    #[tokio::test]
    async fn the_key_stays_disabled() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let on_key = json!({"KeyId": key});
        root.kms("ScheduleKeyDeletion", on_key.clone()).await.ok();
        let kept = root.kms("CancelKeyDeletion", on_key.clone()).await.ok();
        assert_eq!(kept.field("KeyId"), arn(&key));
        let described = root.kms("DescribeKey", on_key).await.ok();
        assert_eq!(described.field("/KeyMetadata/KeyState"), "Disabled");
        assert_eq!(described.field("/KeyMetadata/DeletionDate"), "");
        let event = alcazar.event("CancelKeyDeletion").await;
        assert_eq!(event["responseElements"]["keyId"], arn(&key));
        assert_eq!(event["readOnly"], false);
    }

    #[tokio::test]
    async fn only_what_was_going_to_be_deleted() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        for state in ["EnableKey", "DisableKey"] {
            root.kms(state, json!({"KeyId": key})).await.ok();
            let refused = root.kms("CancelKeyDeletion", json!({"KeyId": key})).await;
            let words = format!("{} is not pending deletion.", arn(&key));
            refused.fails("KMSInvalidStateException").saying(&words);
        }
    }
}
