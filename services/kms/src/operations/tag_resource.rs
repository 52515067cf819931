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
            request_tags: tags::requested(&input.tags)?,
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

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar};
    use serde_json::{Value, json};

    fn input(key: &str, tags: &[(&str, &str)]) -> Value {
        let tags = tags
            .iter()
            .map(|(key, value)| json!({"TagKey": key, "TagValue": value}));
        json!({"KeyId": key, "Tags": tags.collect::<Vec<_>>()})
    }

    #[tokio::test]
    async fn adds_and_changes() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        root.kms("TagResource", input(&key, &[("a", "1"), ("b", "2")]))
            .await
            .ok();
        root.kms("TagResource", input(&key, &[("b", "3"), ("c", "")]))
            .await
            .ok();
        let listed = root
            .kms("ListResourceTags", json!({"KeyId": key}))
            .await
            .ok()
            .json()
            .unwrap();
        let expected = input(&key, &[("a", "1"), ("b", "3"), ("c", "")]);
        assert_eq!(listed["Tags"], expected["Tags"]);
        let event = alcazar.event("TagResource").await;
        assert_eq!(event["requestParameters"]["keyId"], key);
        assert_eq!(event["responseElements"], Value::Null);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        for (tags, words) in [
            (&[("a", "1"), ("a", "2")][..], "Duplicate tag keys"),
            (&[("AWS:a", "1")], "Tags beginning with aws: are reserved"),
        ] {
            let refused = root.kms("TagResource", input(&key, tags)).await;
            refused.fails("TagException").saying(words);
        }
        let long = "k".repeat(129);
        let refused = root.kms("TagResource", input(&key, &[(&long, "")])).await;
        refused.fails("ValidationException");
        root.kms("ScheduleKeyDeletion", json!({"KeyId": key}))
            .await
            .ok();
        let refused = root.kms("TagResource", input(&key, &[("a", "1")])).await;
        refused.fails("KMSInvalidStateException");
    }

    #[tokio::test]
    async fn tags_decide_who_may() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}},
            {"Effect": "Allow", "Action": "kms:TagResource", "Resource": "*",
                "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}},
        ]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        let encrypt = json!({"KeyId": key, "Plaintext": "eA=="});
        ann.kms("Encrypt", encrypt.clone())
            .await
            .fails("AccessDeniedException");
        ann.kms("TagResource", input(&key, &[("other", "red")]))
            .await
            .fails("AccessDeniedException");
        ann.kms("TagResource", input(&key, &[("team", "red")]))
            .await
            .ok();
        ann.kms("Encrypt", encrypt).await.ok();
    }
}
