//! `iam:DeletePolicy`: removes a managed policy that nothing has and that is down to its last version.

use iam_api::shapes::DeletePolicyRequest;
use iam_api::{operations, permission};
use identity::ManagedPolicy;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::attachment::Usage;
use crate::errors;
use crate::managed_policy::Named;

pub(crate) struct DeletePolicy;

impl Operation for DeletePolicy {
    type Api = operations::DeletePolicy;
    type Target = Named;

    async fn access(
        input: &DeletePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let policy = Named::find(look, &input.policy_arn).await?;
        let needs = permission::DeletePolicy {
            policy: policy.changeable(),
        };
        Ok(Access::to(policy, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let policy = call.target().found()?;
        if Usage::of(call.look(), policy.arn.as_str()).await? != Usage::default() {
            return Err(errors::policy_attached());
        }
        if policy.versions.len() > 1 {
            return Err(errors::policy_has_versions());
        }
        call.delete::<ManagedPolicy>(&policy.key());
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, iam, managed_policy, policy, root, server, user};

    #[tokio::test]
    async fn removes_a_policy() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        root(&alcazar, "DeletePolicy", json!({"PolicyArn": arn})).await;
        let message = format!("Policy {arn} was not found.");
        for operation in ["GetPolicy", "DeletePolicy"] {
            let error = ("NoSuchEntity", message.as_str());
            fails(&alcazar, operation, json!({"PolicyArn": arn}), error).await;
        }
        let event = alcazar.event("DeletePolicy").await;
        assert_eq!(event["requestParameters"]["policyArn"], arn);
    }

    #[tokio::test]
    async fn not_while_something_has_it() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        let delete = json!({"PolicyArn": arn});
        user(&alcazar, "ann").await;
        let error = (
            "DeleteConflict",
            "Cannot delete a policy attached to entities.",
        );
        let attach = json!({"UserName": "ann", "PolicyArn": arn});
        root(&alcazar, "AttachUserPolicy", attach.clone()).await;
        fails(&alcazar, "DeletePolicy", delete.clone(), error).await;
        root(&alcazar, "DetachUserPolicy", attach).await;
        let bound = json!({"UserName": "ann", "PermissionsBoundary": arn});
        root(&alcazar, "PutUserPermissionsBoundary", bound).await;
        fails(&alcazar, "DeletePolicy", delete.clone(), error).await;
        let unbound = json!({"UserName": "ann"});
        root(&alcazar, "DeleteUserPermissionsBoundary", unbound).await;
        root(&alcazar, "DeletePolicy", delete).await;
    }

    #[tokio::test]
    async fn not_with_more_than_one_version() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        let version = json!({"PolicyArn": arn, "PolicyDocument": policy("s3:*", 0)});
        root(&alcazar, "CreatePolicyVersion", version).await;
        let message = "This policy has more than one version. Before you delete a policy, you \
                       must delete the policy's versions. The default version is deleted with \
                       the policy.";
        let error = ("DeleteConflict", message);
        fails(&alcazar, "DeletePolicy", json!({"PolicyArn": arn}), error).await;
    }

    #[tokio::test]
    async fn malformed() {
        let alcazar = server().await;
        let input = json!({"PolicyArn": "arn:aws:iam::111122223333:user/ann"});
        let message = "ARN arn:aws:iam::111122223333:user/ann is not valid.";
        fails(
            &alcazar,
            "DeletePolicy",
            input,
            ("ValidationError", message),
        )
        .await;
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        let arn = managed_policy(&alcazar, "P", "kms:*").await;
        denies(&alcazar, "DeletePolicy", json!({"PolicyArn": arn})).await;
    }

    #[tokio::test]
    async fn nobody_removes_one_of_aws() {
        let alcazar = server().await;
        for name in ["ReadOnlyAccess", "NoneOfAws"] {
            let input = json!({"PolicyArn": format!("arn:aws:iam::aws:policy/{name}")});
            iam(&alcazar.root(), "DeletePolicy", input)
                .await
                .fails("AccessDenied");
        }
    }
}
