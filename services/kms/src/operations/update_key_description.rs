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

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn replaces_it() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        for words in ["new words", ""] {
            let input = json!({"KeyId": key, "Description": words});
            root.kms("UpdateKeyDescription", input).await.ok();
            let described = root.kms("DescribeKey", json!({"KeyId": key})).await.ok();
            assert_eq!(described.field("/KeyMetadata/Description"), words);
        }
        let event = alcazar.event("UpdateKeyDescription").await;
        assert_eq!(event["requestParameters"]["keyId"], key);
        assert_eq!(event["responseElements"], Value::Null);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        let long = json!({"KeyId": key, "Description": "d".repeat(8193)});
        root.kms("UpdateKeyDescription", long)
            .await
            .fails("ValidationException");
        root.kms("ScheduleKeyDeletion", json!({"KeyId": key}))
            .await
            .ok();
        let input = json!({"KeyId": key, "Description": "d"});
        root.kms("UpdateKeyDescription", input)
            .await
            .fails("KMSInvalidStateException");
    }
}
