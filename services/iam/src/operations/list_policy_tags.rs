//! `iam:ListPolicyTags`: the tags of a managed policy.

use iam_api::shapes::{ListPolicyTagsRequest, ListPolicyTagsResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::managed_policy::Named;
use crate::paging::Paging;
use crate::tagging;

pub(crate) struct ListPolicyTags;

impl Operation for ListPolicyTags {
    type Api = operations::ListPolicyTags;
    type Target = Named;

    async fn access(
        input: &ListPolicyTagsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let policy = Named::find(look, &input.policy_arn).await?;
        let needs = permission::ListPolicyTags {
            policy: policy.readable(look),
        };
        Ok(Access::to(policy, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListPolicyTagsResponse, Failure> {
        let input = call.input();
        let paging = Paging::new(&input.marker, input.max_items)?;
        let page = tagging::page(&call.target().found()?.tags, &paging);
        Ok(ListPolicyTagsResponse {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            tags: page.items,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, managed_policy, root, server};

    #[tokio::test]
    async fn in_pages() {
        let alcazar = server().await;
        managed_policy(&alcazar, "Web", "kms:*").await;
        let tags = json!([{"Key": "b", "Value": ""}, {"Key": "a", "Value": ""}]);
        root(
            &alcazar,
            "TagPolicy",
            json!({"PolicyArn": "arn:aws:iam::111122223333:policy/Web", "Tags": tags}),
        )
        .await;
        let input = json!({"PolicyArn": "arn:aws:iam::111122223333:policy/Web", "MaxItems": 1});
        let first = root(&alcazar, "ListPolicyTags", input).await;
        assert_eq!(first.fields("Key"), ["a"]);
        assert_eq!(first.field("IsTruncated"), "true");
        let input = json!({"PolicyArn": "arn:aws:iam::111122223333:policy/Web", "Marker": first.field("Marker")});
        let second = root(&alcazar, "ListPolicyTags", input).await;
        assert_eq!(second.fields("Key"), ["b"]);
        assert_eq!(second.field("IsTruncated"), "false");
        let input = json!({"PolicyArn": "arn:aws:iam::111122223333:policy/Web", "Marker": "%"});
        let error = ("ValidationError", "Invalid Marker.");
        fails(&alcazar, "ListPolicyTags", input, error).await;
    }

    #[tokio::test]
    async fn none() {
        let alcazar = server().await;
        let error = (
            "NoSuchEntity",
            "Policy arn:aws:iam::111122223333:policy/None was not found.",
        );
        fails(
            &alcazar,
            "ListPolicyTags",
            json!({"PolicyArn": "arn:aws:iam::111122223333:policy/None"}),
            error,
        )
        .await;
        let event = alcazar.event("ListPolicyTags").await;
        assert_eq!(event["errorCode"], "NoSuchEntity");
    }

    #[tokio::test]
    async fn denied() {
        denies(
            &server().await,
            "ListPolicyTags",
            json!({"PolicyArn": "arn:aws:iam::111122223333:policy/None"}),
        )
        .await;
    }
}
