//! `organizations:TagResource`: adds tags to a root, unit, account or policy, and changes those it has.

use organizations_api::shapes::TagResourceRequest;
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::taggable::Taggable;
use crate::tags;

pub(crate) struct TagResource;

impl Operation for TagResource {
    type Api = operations::TagResource;
    type Target = Taggable;

    async fn access(
        input: &TagResourceRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let target = Taggable::find(look, &input.resource_id).await?;
        let resources = target.resources();
        let needs = permission::TagResource {
            account: resources.account,
            organizationalunit: resources.unit,
            policy: resources.policy,
            resourcepolicy: None,
            responsibilitytransfer: None,
            root: resources.root,
            policy_type: resources.policy_type,
            request_tags: tags::requested(&input.tags)?,
        };
        Ok(Access::to(target, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let target = call.target();
        target.standing().manages()?;
        let tags = tags::added(target.tags()?, &call.input().tags)?;
        target.put(&call, tags)?;
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{MANAGEMENT, Organizations, guards, organized};

    const OPERATION: &str = "TagResource";

    fn input(id: &str, tags: &[(&str, &str)]) -> Value {
        let tags = tags
            .iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}));
        json!({"ResourceId": id, "Tags": tags.collect::<Vec<_>>()})
    }

    #[tokio::test]
    async fn everything_that_has_tags() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let unit = root.unit(&top, "one").await;
        let policy = root.policy("deny").await;
        for id in [MANAGEMENT, &top, &unit, &policy] {
            root.does(OPERATION, input(id, &[("a", "1"), ("b", "2")]))
                .await;
            root.does(OPERATION, input(id, &[("b", "3")])).await;
            let listed = root
                .does("ListTagsForResource", json!({"ResourceId": id}))
                .await;
            assert_eq!(listed["Tags"], input(id, &[("a", "1"), ("b", "3")])["Tags"]);
            root.does(
                "UntagResource",
                json!({"ResourceId": id, "TagKeys": ["a", "c"]}),
            )
            .await;
            let listed = root
                .does("ListTagsForResource", json!({"ResourceId": id}))
                .await;
            assert_eq!(listed["Tags"], input(id, &[("b", "3")])["Tags"]);
        }
        let event = alcazar.event("UntagResource").await;
        assert_eq!(event["requestParameters"]["tagKeys"], json!(["a", "c"]));
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = organized().await.0.root();
        for id in ["ou-abcd-12345678", "p-12345678", harness::OTHER_ACCOUNT] {
            let missing = root.fails(
                OPERATION,
                input(id, &[("a", "")]),
                "TargetNotFoundException",
            );
            missing
                .await
                .saying("You specified a target that doesn't exist.");
        }
        let aws = input("p-FullAWSAccess", &[("a", "")]);
        assert_eq!(
            root.reason(OPERATION, aws, "InvalidInputException").await,
            "IMMUTABLE_POLICY"
        );
        let many: Vec<String> = (0..51).map(|number| number.to_string()).collect();
        let many: Vec<_> = many.iter().map(|key| (key.as_str(), "")).collect();
        let many = input(MANAGEMENT, &many);
        let reason = root
            .reason(OPERATION, many, "ConstraintViolationException")
            .await;
        assert_eq!(reason, "MAX_TAG_LIMIT_EXCEEDED");
    }

    #[tokio::test]
    async fn tags_decide_who_may() {
        let (alcazar, _) = organized().await;
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "organizations:DescribeAccount", "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}},
            {"Effect": "Allow", "Action": "organizations:TagResource", "Resource": "*",
                "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}},
        ]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        let account = json!({"AccountId": MANAGEMENT});
        ann.fails("DescribeAccount", account.clone(), "AccessDeniedException")
            .await;
        let other = input(MANAGEMENT, &[("other", "red")]);
        ann.fails(OPERATION, other, "AccessDeniedException").await;
        ann.does(OPERATION, input(MANAGEMENT, &[("team", "red")]))
            .await;
        ann.does("DescribeAccount", account).await;
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, input(MANAGEMENT, &[("a", "")])).await;
    }
}
