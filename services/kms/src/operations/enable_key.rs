//! `kms:EnableKey`: allows the use of a key that was disabled.

use kms_api::shapes::EnableKeyRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::key::Key;
use crate::queue;
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
        key.not_pending_import()?;
        let enabled = Key {
            state: key.state.enabled(),
            ..Key::clone(key)
        };
        call.write(queue::replace(key, enabled));
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, unblob};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn the_key_opens_what_it_sealed_before() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let sealed = root.encrypted(&key, "x").await;
        for change in ["DisableKey", "EnableKey", "EnableKey"] {
            root.kms(change, json!({"KeyId": key})).await.ok();
        }
        let opened = root
            .kms("Decrypt", json!({"CiphertextBlob": sealed}))
            .await
            .ok();
        assert_eq!(unblob(&opened.field("Plaintext")), b"x");
        let event = alcazar.event("EnableKey").await;
        assert_eq!(event["requestParameters"], json!({"keyId": key}));
        assert_eq!(event["responseElements"], Value::Null);
    }

    #[tokio::test]
    async fn not_when_it_is_going_to_be_deleted() {
        let root = alcazar().await.root();
        let key = json!({"KeyId": root.new_key().await});
        root.kms("ScheduleKeyDeletion", key.clone()).await.ok();
        root.kms("EnableKey", key)
            .await
            .fails("KMSInvalidStateException");
    }
}
