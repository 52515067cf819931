//! `cloudhsm:ListTags`: the tags of a cluster or backup.

use cloudhsmv2_api::shapes::{ListTagsRequest, ListTagsResponse, Tag};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::taggable::Taggable;
use crate::{paging, tags};

pub(crate) struct ListTags;

/// Tags of a page.
const MOST: usize = 100;

impl Operation for ListTags {
    type Api = operations::ListTags;
    type Target = Taggable;

    async fn access(input: &ListTagsRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let target = Taggable::find(look, &input.resource_id).await?;
        let (backup, cluster) = target.resources();
        Ok(Access::to(target, permission::ListTags { backup, cluster }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListTagsResponse, Failure> {
        let input = call.input();
        let tags = tags::shown(call.target().tags()?);
        let key = |tag: &Tag| tag.key.clone();
        let (tag_list, next_token) =
            paging::page(tags, &input.next_token, input.max_results, MOST, key)?;
        Ok(ListTagsResponse {
            tag_list,
            next_token,
        })
    }
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use crate::testing::{CloudHsm, alcazar, cluster, guards};

    const OPERATION: &str = "ListTags";

    #[tokio::test]
    async fn in_pages() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let id = cluster(&alcazar).await;
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
        root.does("TagResource", json!({"ResourceId": id, "TagList": tags}))
            .await;
        let page = root
            .does(OPERATION, json!({"ResourceId": id, "MaxResults": 1}))
            .await;
        assert_eq!(page["TagList"], json!([tags[0]]));
        let input = json!({"ResourceId": id, "NextToken": page["NextToken"]});
        assert_eq!(
            root.does(OPERATION, input).await["TagList"],
            json!([tags[1]])
        );
        let missing = json!({"ResourceId": "backup-abcdefgh234"});
        root.fails(OPERATION, missing, "CloudHsmResourceNotFoundException")
            .await;
        assert_eq!(alcazar.event(OPERATION).await["readOnly"], true);
        guards(&alcazar, OPERATION, json!({"ResourceId": id})).await;
    }
}
