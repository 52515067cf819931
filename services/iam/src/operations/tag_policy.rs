//! `iam:TagPolicy`: gives a managed policy tags, or new values to those it has.

use iam_api::shapes::TagPolicyRequest;
use iam_api::{operations, permission};
use identity::ManagedPolicy;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::managed_policy::Named;
use crate::tagging;

pub(crate) struct TagPolicy;

impl Operation for TagPolicy {
    type Api = operations::TagPolicy;
    type Target = Named;

    async fn access(input: &TagPolicyRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let policy = Named::find(look, &input.policy_arn).await?;
        let needs = permission::TagPolicy {
            policy: policy.changeable(),
            request_tags: tagging::requested(Some(&input.tags)),
        };
        Ok(Access::to(policy, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let policy = call.target().found()?;
        call.put(ManagedPolicy {
            tags: tagging::with_exactly(&policy.tags, &call.input().tags)?,
            ..ManagedPolicy::clone(policy)
        });
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{denies, fails, managed_policy, root, server};

    #[tokio::test]
    async fn sets_tags() {
        let alcazar = server().await;
        managed_policy(&alcazar, "Web", "kms:*").await;
        for tags in [
            json!([{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]),
            json!([{"Key": "a", "Value": "3"}]),
        ] {
            root(
                &alcazar,
                "TagPolicy",
                json!({"PolicyArn": "arn:aws:iam::111122223333:policy/Web", "Tags": tags}),
            )
            .await;
        }
        let all = root(
            &alcazar,
            "ListPolicyTags",
            json!({"PolicyArn": "arn:aws:iam::111122223333:policy/Web"}),
        )
        .await;
        assert_eq!(all.fields("Key"), ["A", "a"]);
        assert_eq!(all.fields("Value"), ["2", "3"]);
        let event = alcazar.event("TagPolicy").await;
        assert_eq!(event["requestParameters"]["tags"][0]["key"], "a");
    }

    #[tokio::test]
    async fn errors() {
        let alcazar = server().await;
        managed_policy(&alcazar, "Web", "kms:*").await;
        let fifty: Vec<Value> = (0..50)
            .map(|n| json!({"Key": n.to_string(), "Value": ""}))
            .collect();
        root(
            &alcazar,
            "TagPolicy",
            json!({"PolicyArn": "arn:aws:iam::111122223333:policy/Web", "Tags": fifty}),
        )
        .await;
        let one = json!([{"Key": "a", "Value": ""}]);
        let two = json!([{"Key": "a", "Value": ""}, {"Key": "a", "Value": ""}]);
        let of_aws = json!([{"Key": "aws:a", "Value": ""}]);
        for (whose, tags, code, message) in [
            (
                "arn:aws:iam::111122223333:policy/None",
                &one,
                "NoSuchEntity",
                "Policy arn:aws:iam::111122223333:policy/None was not found.",
            ),
            (
                "arn:aws:iam::111122223333:policy/Web",
                &two,
                "InvalidInput",
                "Duplicate tag keys found.",
            ),
            (
                "arn:aws:iam::111122223333:policy/Web",
                &of_aws,
                "InvalidInput",
                "Tag keys beginning with 'aws:' are reserved for system use.",
            ),
            (
                "arn:aws:iam::111122223333:policy/Web",
                &one,
                "LimitExceeded",
                "The number of tags has reached the maximum limit.",
            ),
            (
                "longpolicynamebutnoarn",
                &one,
                "ValidationError",
                "ARN longpolicynamebutnoarn is not valid.",
            ),
        ] {
            let input = json!({"PolicyArn": whose, "Tags": tags});
            fails(&alcazar, "TagPolicy", input, (code, message)).await;
        }
    }

    #[tokio::test]
    async fn denied() {
        let input = json!({"PolicyArn": "arn:aws:iam::111122223333:policy/None", "Tags": [{"Key": "a", "Value": ""}]});
        denies(&server().await, "TagPolicy", input).await;
    }
}
