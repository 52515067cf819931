//! `iam:GetPolicyVersion`: a version of a managed policy, with its document.

use iam_api::shapes::{GetPolicyVersionRequest, GetPolicyVersionResponse, PolicyVersion};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::managed_policy::{self, Named};
use crate::shapes;

pub(crate) struct GetPolicyVersion;

impl Operation for GetPolicyVersion {
    type Api = operations::GetPolicyVersion;
    type Target = Named;

    async fn access(
        input: &GetPolicyVersionRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let policy = Named::find(look, &input.policy_arn).await?;
        let needs = permission::GetPolicyVersion {
            policy: policy.readable(look),
        };
        Ok(Access::to(policy, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetPolicyVersionResponse, Failure> {
        let (policy, version) = call.target().version(&call.input().version_id)?;
        Ok(GetPolicyVersionResponse {
            policy_version: Some(PolicyVersion {
                document: Some(shapes::document(version.document.text())),
                ..managed_policy::listed_version(policy, version)
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use identity::aws_managed;
    use serde_json::json;

    use crate::shapes::document;
    use crate::testing::{denies, fails, iam, managed_policy, policy, root, server};

    #[tokio::test]
    async fn one_of_the_account() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        let input = json!({"PolicyArn": arn, "VersionId": "v1"});
        let found = root(&alcazar, "GetPolicyVersion", input).await;
        assert_eq!(found.field("Document"), document(&policy("kms:*", 0)));
        assert!(
            found
                .field("Document")
                .starts_with("%7B%22Version%22%3A%222012-10-17%22")
        );
        assert_eq!(found.field("VersionId"), "v1");
        assert_eq!(found.field("IsDefaultVersion"), "true");
        assert_eq!(found.field("CreateDate"), "2026-11-23T06:38:13Z");
        let event = alcazar.event("GetPolicyVersion").await;
        assert_eq!(event["requestParameters"]["versionId"], "v1");
    }

    #[tokio::test]
    async fn every_one_of_aws() {
        let alcazar = server().await;
        let ann = alcazar
            .user("ann", &policy("iam:GetPolicyVersion", 0))
            .await;
        for policy in aws_managed::all() {
            let version = format!("v{}", policy.default_version);
            let input = json!({"PolicyArn": policy.arn.as_str(), "VersionId": version});
            let found = iam(&ann, "GetPolicyVersion", input).await.ok();
            let text = policy.default().unwrap().document.text();
            assert_eq!(found.field("Document"), document(text), "{}", policy.arn);
            assert_eq!(found.field("IsDefaultVersion"), "true", "{}", policy.arn);
        }
    }

    #[tokio::test]
    async fn errors() {
        let alcazar = server().await;
        let own = managed_policy(&alcazar, "P", "kms:*").await;
        let none = "arn:aws:iam::111122223333:policy/None";
        for (arn, version) in [(own.as_str(), "v9"), (&own, "v1.x"), (none, "v1")] {
            let message =
                format!("Policy {arn} version {version} does not exist or is not attachable.");
            let input = json!({"PolicyArn": arn, "VersionId": version});
            let error = ("NoSuchEntity", message.as_str());
            fails(&alcazar, "GetPolicyVersion", input, error).await;
        }
        let input = json!({"PolicyArn": own, "VersionId": "1"});
        let answer = iam(&alcazar.root(), "GetPolicyVersion", input).await;
        answer.fails("ValidationError");
        let input = json!({"PolicyArn": "longpolicynamebutnoarn", "VersionId": "v1"});
        let error = (
            "ValidationError",
            "ARN longpolicynamebutnoarn is not valid.",
        );
        fails(&alcazar, "GetPolicyVersion", input, error).await;
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        let input = json!({"PolicyArn": arn, "VersionId": "v1"});
        denies(&alcazar, "GetPolicyVersion", input).await;
    }
}
