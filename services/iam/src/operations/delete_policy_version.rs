//! `iam:DeletePolicyVersion`: removes a version of a managed policy that is not in force.

use iam_api::shapes::DeletePolicyVersionRequest;
use iam_api::{operations, permission};
use identity::ManagedPolicy;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::errors;
use crate::managed_policy::Named;

pub(crate) struct DeletePolicyVersion;

impl Operation for DeletePolicyVersion {
    type Api = operations::DeletePolicyVersion;
    type Target = Named;

    async fn access(
        input: &DeletePolicyVersionRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let policy = Named::find(look, &input.policy_arn).await?;
        let needs = permission::DeletePolicyVersion {
            policy: policy.changeable(),
        };
        Ok(Access::to(policy, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (policy, version) = call.target().version(&call.input().version_id)?;
        if version.number == policy.default_version {
            return Err(errors::default_version());
        }
        let mut changed: ManagedPolicy = policy.clone();
        changed
            .versions
            .retain(|kept| kept.number != version.number);
        call.put(changed);
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, iam, managed_policy, policy, root, server};

    #[tokio::test]
    async fn removes_a_version() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        let create = json!({"PolicyArn": arn, "PolicyDocument": policy("s3:*", 0)});
        root(&alcazar, "CreatePolicyVersion", create).await;
        let input = json!({"PolicyArn": arn, "VersionId": "v2"});
        root(&alcazar, "DeletePolicyVersion", input.clone()).await;
        let all = root(&alcazar, "ListPolicyVersions", json!({"PolicyArn": arn})).await;
        assert_eq!(all.fields("VersionId"), ["v1"]);
        let event = alcazar.event("DeletePolicyVersion").await;
        assert_eq!(event["requestParameters"]["versionId"], "v2");
        let message = format!("Policy {arn} version v2 does not exist or is not attachable.");
        fails(
            &alcazar,
            "DeletePolicyVersion",
            input,
            ("NoSuchEntity", &message),
        )
        .await;
    }

    #[tokio::test]
    async fn errors() {
        let alcazar = server().await;
        let own = managed_policy(&alcazar, "P", "kms:*").await;
        let none = "arn:aws:iam::111122223333:policy/None";
        let not_found = format!("Policy {none} version v1 does not exist or is not attachable.");
        let no_arn = "longpolicynamebutnoarn";
        for (arn, code, message) in [
            (
                &*own,
                "DeleteConflict",
                "Cannot delete the default version of a policy.",
            ),
            (none, "NoSuchEntity", &not_found),
            (
                no_arn,
                "ValidationError",
                "ARN longpolicynamebutnoarn is not valid.",
            ),
        ] {
            let input = json!({"PolicyArn": arn, "VersionId": "v1"});
            fails(&alcazar, "DeletePolicyVersion", input, (code, message)).await;
        }
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        let mut input = json!({"PolicyArn": arn, "VersionId": "v1"});
        denies(&alcazar, "DeletePolicyVersion", input.clone()).await;
        input["PolicyArn"] = json!("arn:aws:iam::aws:policy/ReadOnlyAccess");
        iam(&alcazar.root(), "DeletePolicyVersion", input)
            .await
            .fails("AccessDenied");
    }
}
