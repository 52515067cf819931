//! `iam:SetDefaultPolicyVersion`: says which version of a managed policy is in force.

use iam_api::shapes::SetDefaultPolicyVersionRequest;
use iam_api::{operations, permission};
use identity::ManagedPolicy;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::managed_policy::Named;

pub(crate) struct SetDefaultPolicyVersion;

impl Operation for SetDefaultPolicyVersion {
    type Api = operations::SetDefaultPolicyVersion;
    type Target = Named;

    async fn access(
        input: &SetDefaultPolicyVersionRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let policy = Named::find(look, &input.policy_arn).await?;
        let needs = permission::SetDefaultPolicyVersion {
            policy: policy.changeable(),
        };
        Ok(Access::to(policy, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (policy, version) = call.target().version(&call.input().version_id)?;
        call.put(ManagedPolicy {
            default_version: version.number,
            updated: call.call().now(),
            ..policy.clone()
        });
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, iam, managed_policy, policy, root, server};

    #[tokio::test]
    async fn changes_the_version_in_force() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        let create = json!({"PolicyArn": arn, "PolicyDocument": policy("s3:*", 0)});
        root(&alcazar, "CreatePolicyVersion", create).await;
        alcazar.clock.advance_seconds(60);
        let input = json!({"PolicyArn": arn, "VersionId": "v2"});
        root(&alcazar, "SetDefaultPolicyVersion", input).await;
        let all = root(&alcazar, "ListPolicyVersions", json!({"PolicyArn": arn})).await;
        assert_eq!(all.fields("IsDefaultVersion"), ["true", "false"]);
        let found = root(&alcazar, "GetPolicy", json!({"PolicyArn": arn})).await;
        assert_eq!(found.field("DefaultVersionId"), "v2");
        assert_eq!(found.field("UpdateDate"), "2026-11-23T06:39:13Z");
        let event = alcazar.event("SetDefaultPolicyVersion").await;
        assert_eq!(event["requestParameters"]["versionId"], "v2");
    }

    #[tokio::test]
    async fn errors() {
        let alcazar = server().await;
        let own = managed_policy(&alcazar, "P", "kms:*").await;
        let none = "arn:aws:iam::111122223333:policy/None";
        for (arn, version) in [(own.as_str(), "v4"), (none, "v1")] {
            let message =
                format!("Policy {arn} version {version} does not exist or is not attachable.");
            let input = json!({"PolicyArn": arn, "VersionId": version});
            let error = ("NoSuchEntity", message.as_str());
            fails(&alcazar, "SetDefaultPolicyVersion", input, error).await;
        }
        let input = json!({"PolicyArn": "longpolicynamebutnoarn", "VersionId": "v1"});
        let error = (
            "ValidationError",
            "ARN longpolicynamebutnoarn is not valid.",
        );
        fails(&alcazar, "SetDefaultPolicyVersion", input, error).await;
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        let mut input = json!({"PolicyArn": arn, "VersionId": "v1"});
        denies(&alcazar, "SetDefaultPolicyVersion", input.clone()).await;
        input["PolicyArn"] = json!("arn:aws:iam::aws:policy/ReadOnlyAccess");
        iam(&alcazar.root(), "SetDefaultPolicyVersion", input)
            .await
            .fails("AccessDenied");
    }
}
