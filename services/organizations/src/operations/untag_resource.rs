//! `organizations:UntagResource`: takes tags off a root, unit, account or policy.

use organizations_api::shapes::UntagResourceRequest;
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

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
        let resources = target.resources();
        let needs = permission::UntagResource {
            account: resources.account,
            organizationalunit: resources.unit,
            policy: resources.policy,
            resourcepolicy: None,
            responsibilitytransfer: None,
            root: resources.root,
            policy_type: resources.policy_type,
            tag_keys: input.tag_keys.clone(),
        };
        Ok(Access::to(target, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let target = call.target();
        target.standing().manages()?;
        let mut tags = target.tags()?.clone();
        for key in &call.input().tag_keys {
            tags.remove(key);
        }
        target.put(&call, tags)?;
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, Organizations, guards, organized};

    const OPERATION: &str = "UntagResource";

    #[tokio::test]
    async fn what_is_refused() {
        let root = organized().await.0.root();
        for id in ["ou-abcd-12345678", "p-12345678", harness::OTHER_ACCOUNT] {
            let input = json!({"ResourceId": id, "TagKeys": ["a"]});
            root.fails(OPERATION, input, "TargetNotFoundException")
                .await;
        }
    }

    #[tokio::test]
    async fn guarded() {
        guards(
            OPERATION,
            json!({"ResourceId": MANAGEMENT, "TagKeys": ["a"]}),
        )
        .await;
    }
}
