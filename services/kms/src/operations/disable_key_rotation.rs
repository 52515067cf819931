//! `kms:DisableKeyRotation`: a key keeps the material it has.

use kms_api::shapes::DisableKeyRotationRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use super::enable_key_rotation::set;
use crate::rotation;
use crate::sought::Sought;

pub(crate) struct DisableKeyRotation;

impl Operation for DisableKeyRotation {
    type Api = operations::DisableKeyRotation;
    type Target = Sought;

    async fn access(
        input: &DisableKeyRotationRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::DisableKeyRotation {
            key: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let key = call.target().key()?;
        rotation::check_automatic(key)?;
        key.materials(call.call().now())?;
        set(&call, key, None).await?;
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn nothing_is_planned_any_more() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = json!({"KeyId": root.new_key().await});
        root.kms("EnableKeyRotation", key.clone()).await.ok();
        let disabled = root.kms("DisableKeyRotation", key.clone()).await.ok();
        assert_eq!(disabled.text, "{}");
        let status = root.kms("GetKeyRotationStatus", key.clone()).await.ok();
        let id = key["KeyId"].as_str().unwrap();
        assert_eq!(
            status.json().unwrap(),
            json!({"KeyId": arn(id), "KeyRotationEnabled": false})
        );
        let event = alcazar.event("DisableKeyRotation").await;
        assert_eq!(event["requestParameters"], json!({"keyId": id}));
        assert_eq!(event["responseElements"], Value::Null);
        root.kms("DisableKeyRotation", key).await.ok();
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let key = json!({"KeyId": root.new_key().await});
        root.kms("DisableKey", key.clone()).await.ok();
        root.kms("DisableKeyRotation", key.clone())
            .await
            .fails("DisabledException");
        root.kms("ScheduleKeyDeletion", key.clone()).await.ok();
        root.kms("DisableKeyRotation", key)
            .await
            .fails("KMSInvalidStateException");
        let made = root.kms("CreateKey", json!({"Origin": "EXTERNAL"})).await;
        let imported = json!({"KeyId": made.ok().field("/KeyMetadata/KeyId")});
        root.kms("DisableKeyRotation", imported)
            .await
            .fails("UnsupportedOperationException");
    }
}
