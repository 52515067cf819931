//! `kms:ListResourceTags`: the tags of a key.

use kms_api::shapes::{ListResourceTagsRequest, ListResourceTagsResponse, Tag};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::paging::Asked;
use crate::sought::Sought;

pub(crate) struct ListResourceTags;

impl Operation for ListResourceTags {
    type Api = operations::ListResourceTags;
    type Target = Sought;

    async fn access(
        input: &ListResourceTagsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::ListResourceTags {
            key: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListResourceTagsResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        let asked = Asked::read(
            call.call(),
            &["ListResourceTags", key.arn.as_str()],
            input.marker.as_deref(),
            (input.limit, 50),
        )?
        .up_to(50)?;
        let mut tags: Vec<_> = key
            .tags
            .iter()
            .filter(|tag| asked.reaches(&tag.key))
            .collect();
        tags.sort_by(|one, other| one.key.cmp(&other.key));
        let page = asked.cut(tags, |tag| &tag.key);
        let next_marker = asked.next_marker(call.call(), &page)?;
        Ok(ListResourceTagsResponse {
            truncated: page.truncated(),
            tags: Some(page.items.into_iter().map(shape).collect()),
            next_marker,
        })
    }
}

fn shape(tag: &base::Tag) -> Tag {
    Tag {
        tag_key: tag.key.clone(),
        tag_value: tag.value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn by_key_in_pages() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let tags: Vec<Value> = ["b", "c", "a"]
            .iter()
            .map(|key| json!({"TagKey": key, "TagValue": "v"}))
            .collect();
        let made = root.kms("CreateKey", json!({"Tags": tags})).await.ok();
        let key = made.field("/KeyMetadata/KeyId");
        let input = json!({"KeyId": key, "Limit": 2});
        let first = root
            .kms("ListResourceTags", input)
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(first["Tags"], json!([tags[2], tags[0]]));
        assert_eq!(first["Truncated"], true);
        let input = json!({"KeyId": key, "Marker": first["NextMarker"]});
        let rest = root
            .kms("ListResourceTags", input)
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(rest, json!({"Tags": [tags[1]], "Truncated": false}));
        let event = alcazar.event("ListResourceTags").await;
        assert_eq!(event["requestParameters"]["keyId"], key);
        assert_eq!(event["readOnly"], true);
    }

    #[tokio::test]
    async fn no_such_page() {
        let root = alcazar().await.root();
        let input = json!({"KeyId": root.new_key().await, "Marker": "!"});
        root.kms("ListResourceTags", input)
            .await
            .fails("InvalidMarkerException");
    }
}
