//! `organizations:ListTagsForResource`: the tags of a root, unit, account or policy, all on one page.

use organizations_api::shapes::{ListTagsForResourceRequest, ListTagsForResourceResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::taggable::Taggable;
use crate::{errors, shapes};

pub(crate) struct ListTagsForResource;

impl Operation for ListTagsForResource {
    type Api = operations::ListTagsForResource;
    type Target = Taggable;

    async fn access(
        input: &ListTagsForResourceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Taggable::find(look, &input.resource_id).await?;
        let resources = target.resources();
        let needs = permission::ListTagsForResource {
            account: resources.account,
            organizationalunit: resources.unit,
            policy: resources.policy,
            resourcepolicy: None,
            responsibilitytransfer: None,
            root: resources.root,
            policy_type: resources.policy_type,
        };
        Ok(Access::to(target, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListTagsForResourceResponse, Failure> {
        call.target().standing().reads()?;
        if call.input().next_token.is_some() {
            return Err(errors::invalid_next_token());
        }
        Ok(ListTagsForResourceResponse {
            tags: Some(shapes::tags(call.target().tags()?)),
            next_token: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, Organizations, guards, organized};

    const OPERATION: &str = "ListTagsForResource";

    #[tokio::test]
    async fn none_at_first() {
        let root = organized().await.0.root();
        for id in [MANAGEMENT, "p-FullAWSAccess"] {
            let listed = root.does(OPERATION, json!({"ResourceId": id})).await;
            assert_eq!(listed, json!({"Tags": []}));
        }
        let missing = json!({"ResourceId": "ou-abcd-12345678"});
        root.fails(OPERATION, missing, "TargetNotFoundException")
            .await;
        let token = json!({"ResourceId": MANAGEMENT, "NextToken": "x"});
        let reason = root.reason(OPERATION, token, "InvalidInputException").await;
        assert_eq!(reason, "INVALID_NEXT_TOKEN");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"ResourceId": MANAGEMENT})).await;
    }
}
