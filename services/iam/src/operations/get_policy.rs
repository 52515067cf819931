//! `iam:GetPolicy`: a managed policy, the account's own or AWS's.

use iam_api::shapes::{GetPolicyRequest, GetPolicyResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::attachment::Usage;
use crate::managed_policy::{self, Named};

pub(crate) struct GetPolicy;

impl Operation for GetPolicy {
    type Api = operations::GetPolicy;
    type Target = Named;

    async fn access(input: &GetPolicyRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let policy = Named::find(look, &input.policy_arn).await?;
        let needs = permission::GetPolicy {
            policy: policy.readable(look),
        };
        Ok(Access::to(policy, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetPolicyResponse, Failure> {
        let policy = call.target().found()?;
        let usage = Usage::of(call.look(), policy.arn.as_str()).await?;
        Ok(GetPolicyResponse {
            policy: Some(managed_policy::shape(policy, usage)),
        })
    }
}

#[cfg(test)]
mod tests {
    use identity::aws_managed;
    use serde_json::json;

    use crate::testing::{denies, fails, iam, managed_policy, policy, root, server};

    #[tokio::test]
    async fn one_of_the_account() {
        let alcazar = server().await;
        let tags = json!([{"Key": "a", "Value": "x"}]);
        let input = json!({"PolicyName": "P", "PolicyDocument": policy("kms:*", 0),
            "Description": "All of KMS", "Tags": tags});
        let arn = root(&alcazar, "CreatePolicy", input).await.field("Arn");
        let found = root(&alcazar, "GetPolicy", json!({"PolicyArn": arn})).await;
        assert_eq!(found.field("Arn"), arn);
        assert_eq!(found.field("Description"), "All of KMS");
        assert_eq!(found.field("Value"), "x");
        let event = alcazar.event("GetPolicy").await;
        assert_eq!(event["requestParameters"]["policyArn"], arn);
        assert_eq!(event["readOnly"], true);
    }

    #[tokio::test]
    async fn every_one_of_aws() {
        let alcazar = server().await;
        let ann = alcazar.user("ann", &policy("iam:GetPolicy", 0)).await;
        for policy in aws_managed::all() {
            let arn = policy.arn.as_str();
            let found = iam(&ann, "GetPolicy", json!({"PolicyArn": arn})).await.ok();
            assert_eq!(found.field("Arn"), arn);
            assert_eq!(found.field("PolicyName"), policy.name);
            assert_eq!(found.field("Path"), policy.path);
            let version = format!("v{}", policy.default_version);
            assert_eq!(found.field("DefaultVersionId"), version, "{arn}");
            assert_eq!(found.field("AttachmentCount"), "0", "{arn}");
        }
    }

    #[tokio::test]
    async fn errors() {
        let alcazar = server().await;
        managed_policy(&alcazar, "P", "kms:*").await;
        for arn in [
            "arn:aws:iam::111122223333:policy/None",
            "arn:aws:iam::111122223333:policy/path/P",
            "arn:aws:iam::111122223333:policy/p",
            "arn:aws:iam::aws:policy/NoneOfAws",
        ] {
            let message = format!("Policy {arn} was not found.");
            let error = ("NoSuchEntity", message.as_str());
            fails(&alcazar, "GetPolicy", json!({"PolicyArn": arn}), error).await;
        }
        let input = json!({"PolicyArn": "longpolicynamebutnoarn"});
        let error = (
            "ValidationError",
            "ARN longpolicynamebutnoarn is not valid.",
        );
        fails(&alcazar, "GetPolicy", input, error).await;
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        let input = json!({"PolicyArn": arn});
        denies(&alcazar, "GetPolicy", input.clone()).await;
        iam(&alcazar.other_root(), "GetPolicy", input)
            .await
            .fails("AccessDenied");
    }
}
