//! `iam:ListPolicyVersions`: the versions of a managed policy, the newest first.

use iam_api::shapes::{ListPolicyVersionsRequest, ListPolicyVersionsResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::managed_policy::{self, Named};
use crate::paging::Paging;

pub(crate) struct ListPolicyVersions;

impl Operation for ListPolicyVersions {
    type Api = operations::ListPolicyVersions;
    type Target = Named;

    async fn access(
        input: &ListPolicyVersionsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let policy = Named::find(look, &input.policy_arn).await?;
        let needs = permission::ListPolicyVersions {
            policy: policy.readable(look),
        };
        Ok(Access::to(policy, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListPolicyVersionsResponse, Failure> {
        let input = call.input();
        let paging = Paging::new(&input.marker, input.max_items)?;
        let policy = call.target().found()?;
        let page = paging.list(&policy.versions, |version| newest_first(version.number));
        Ok(ListPolicyVersionsResponse {
            versions: Some(page.map(|version| managed_policy::listed_version(policy, version))),
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}

/// A text that sorts before those of lower numbers.
fn newest_first(number: u32) -> String {
    format!("{:010}", u32::MAX - number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, managed_policy, policy, root, server};

    #[tokio::test]
    async fn lists_the_newest_first() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        let create = json!({"PolicyArn": arn, "PolicyDocument": policy("s3:*", 0)});
        root(&alcazar, "CreatePolicyVersion", create).await;
        let all = root(&alcazar, "ListPolicyVersions", json!({"PolicyArn": arn})).await;
        assert_eq!(all.fields("VersionId"), ["v2", "v1"]);
        assert_eq!(all.fields("IsDefaultVersion"), ["false", "true"]);
        assert_eq!(all.field("IsTruncated"), "false");
        assert_eq!(all.field("Document"), "");
        let input = json!({"PolicyArn": arn, "MaxItems": 1});
        let first = root(&alcazar, "ListPolicyVersions", input).await;
        assert_eq!(first.fields("VersionId"), ["v2"]);
        let input = json!({"PolicyArn": arn, "Marker": first.field("Marker")});
        let second = root(&alcazar, "ListPolicyVersions", input).await;
        assert_eq!(second.fields("VersionId"), ["v1"]);
        let event = alcazar.event("ListPolicyVersions").await;
        assert_eq!(event["requestParameters"]["policyArn"], arn);
    }

    #[tokio::test]
    async fn of_one_of_aws() {
        let alcazar = server().await;
        let input = json!({"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
        let all = root(&alcazar, "ListPolicyVersions", input).await;
        assert_eq!(all.fields("IsDefaultVersion"), ["true"]);
    }

    #[tokio::test]
    async fn errors() {
        let alcazar = server().await;
        let arn = "arn:aws:iam::111122223333:policy/None";
        let message = format!("Policy {arn} was not found.");
        let error = ("NoSuchEntity", message.as_str());
        fails(
            &alcazar,
            "ListPolicyVersions",
            json!({"PolicyArn": arn}),
            error,
        )
        .await;
        let input = json!({"PolicyArn": "longpolicynamebutnoarn"});
        let error = (
            "ValidationError",
            "ARN longpolicynamebutnoarn is not valid.",
        );
        fails(&alcazar, "ListPolicyVersions", input, error).await;
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        denies(&alcazar, "ListPolicyVersions", json!({"PolicyArn": arn})).await;
    }
}
