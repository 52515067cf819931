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

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn takes_tags_away() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let tags = json!([{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "2"}]);
        let made = root.kms("CreateKey", json!({"Tags": tags})).await.ok();
        let key = made.field("/KeyMetadata/KeyId");
        let input = json!({"KeyId": key, "TagKeys": ["a", "none"]});
        root.kms("UntagResource", input).await.ok();
        let listed = root
            .kms("ListResourceTags", json!({"KeyId": key}))
            .await
            .ok();
        assert_eq!(
            listed.json().unwrap()["Tags"],
            json!([{"TagKey": "b", "TagValue": "2"}])
        );
        let event = alcazar.event("UntagResource").await;
        assert_eq!(event["requestParameters"]["tagKeys"], json!(["a", "none"]));
        assert_eq!(event["responseElements"], Value::Null);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        let input = json!({"KeyId": key, "TagKeys": ["aws:a"]});
        root.kms("UntagResource", input).await.fails("TagException");
        root.kms("ScheduleKeyDeletion", json!({"KeyId": key}))
            .await
            .ok();
        let input = json!({"KeyId": key, "TagKeys": ["a"]});
        root.kms("UntagResource", input)
            .await
            .fails("KMSInvalidStateException");
    }
}
