//! `iam:UntagPolicy`: takes tags from a managed policy.

use iam_api::shapes::UntagPolicyRequest;
use iam_api::{operations, permission};
use identity::ManagedPolicy;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::managed_policy::Named;
use crate::tagging;

pub(crate) struct UntagPolicy;

impl Operation for UntagPolicy {
    type Api = operations::UntagPolicy;
    type Target = Named;

    async fn access(
        input: &UntagPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let policy = Named::find(look, &input.policy_arn).await?;
        let needs = permission::UntagPolicy {
            policy: policy.changeable(),
            tag_keys: input.tag_keys.clone(),
        };
        Ok(Access::to(policy, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let policy = call.target().found()?;
        let keys = call.input().tag_keys.iter().map(String::as_str);
        call.put(ManagedPolicy {
            tags: tagging::without_exactly(&policy.tags, keys),
            ..ManagedPolicy::clone(policy)
        });
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, managed_policy, root, server};

    #[tokio::test]
    async fn takes_tags() {
        let alcazar = server().await;
        managed_policy(&alcazar, "Web", "kms:*").await;
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]);
        root(
            &alcazar,
            "TagPolicy",
            json!({"PolicyArn": "arn:aws:iam::111122223333:policy/Web", "Tags": tags}),
        )
        .await;
        let input = json!({"PolicyArn": "arn:aws:iam::111122223333:policy/Web", "TagKeys": ["a", "unknown"]});
        root(&alcazar, "UntagPolicy", input).await;
        let all = root(
            &alcazar,
            "ListPolicyTags",
            json!({"PolicyArn": "arn:aws:iam::111122223333:policy/Web"}),
        )
        .await;
        assert_eq!(all.fields("Key"), ["A"]);
        let event = alcazar.event("UntagPolicy").await;
        assert_eq!(event["requestParameters"]["tagKeys"][0], "a");
    }

    #[tokio::test]
    async fn none() {
        let input = json!({"PolicyArn": "arn:aws:iam::111122223333:policy/None", "TagKeys": ["a"]});
        let error = (
            "NoSuchEntity",
            "Policy arn:aws:iam::111122223333:policy/None was not found.",
        );
        fails(&server().await, "UntagPolicy", input, error).await;
    }

    #[tokio::test]
    async fn denied() {
        let input = json!({"PolicyArn": "arn:aws:iam::111122223333:policy/None", "TagKeys": ["a"]});
        denies(&server().await, "UntagPolicy", input).await;
    }
}
