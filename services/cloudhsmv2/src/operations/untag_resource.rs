//! `cloudhsm:UntagResource`: takes tags from a cluster or backup.

use cloudhsmv2_api::shapes::{UntagResourceRequest, UntagResourceResponse};
use cloudhsmv2_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::taggable::Taggable;

pub(crate) struct UntagResource;

impl Operation for UntagResource {
    type Api = operations::UntagResource;
    type Target = Taggable;

    async fn access(
        input: &UntagResourceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Taggable::find(look, &input.resource_id).await?;
        let (backup, cluster) = target.resources();
        let needs = permission::UntagResource {
            backup,
            cluster,
            tag_keys: input.tag_key_list.clone(),
        };
        Ok(Access::to(target, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<UntagResourceResponse, Failure> {
        let target = call.target();
        let mut tags = target.tags()?.clone();
        for key in &call.input().tag_key_list {
            tags.remove(key);
        }
        target.put(&call, tags)?;
        Ok(UntagResourceResponse {})
    }
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use crate::testing::{CloudHsm, alcazar, cluster, guards};

    const OPERATION: &str = "UntagResource";

    #[tokio::test]
    async fn those_named_go() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let id = cluster(&alcazar).await;
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
        root.does("TagResource", json!({"ResourceId": id, "TagList": tags}))
            .await;
        let input = json!({"ResourceId": id, "TagKeyList": ["a", "c"]});
        root.does(OPERATION, input.clone()).await;
        let listed = root.does("ListTags", json!({"ResourceId": id})).await;
        assert_eq!(listed["TagList"], json!([{"Key": "b", "Value": "2"}]));
        let missing = json!({"ResourceId": "cluster-abcdefgh234", "TagKeyList": ["a"]});
        root.fails(OPERATION, missing, "CloudHsmResourceNotFoundException")
            .await;
        alcazar.event(OPERATION).await;
        guards(&alcazar, OPERATION, input).await;
    }
}
