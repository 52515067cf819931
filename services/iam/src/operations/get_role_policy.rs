//! `iam:GetRolePolicy`: what an inline policy says.

use iam_api::shapes::{GetRolePolicyRequest, GetRolePolicyResponse};
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::{inline_policy, shapes};

pub(crate) struct GetRolePolicy;

impl Operation for GetRolePolicy {
    type Api = operations::GetRolePolicy;
    type Target = Named<Role>;

    async fn access(
        input: &GetRolePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::GetRolePolicy {
            role: role.resource(),
        };
        Ok(Access::to(role, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetRolePolicyResponse, Failure> {
        let (input, role) = (call.input(), call.target().found()?);
        let document = inline_policy::find(&**role, &input.policy_name)?;
        Ok(GetRolePolicyResponse {
            role_name: role.name.clone(),
            policy_name: input.policy_name.clone(),
            policy_document: shapes::document(document.text()),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, policy, role, root, server};

    #[tokio::test]
    async fn the_document_is_as_given_but_encoded() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let document = policy("kms:*", 1).replace(':', ": ");
        let put = json!({"RoleName": "Ops", "PolicyName": "p", "PolicyDocument": document});
        root(&alcazar, "PutRolePolicy", put).await;
        let input = json!({"RoleName": "Ops", "PolicyName": "p"});
        let got = root(&alcazar, "GetRolePolicy", input).await;
        assert_eq!(got.field("RoleName"), "Ops");
        assert_eq!(got.field("PolicyName"), "p");
        assert_eq!(
            got.field("PolicyDocument"),
            crate::shapes::document(&document)
        );
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let input = json!({"RoleName": "Ops", "PolicyName": "p"});
        let missing = ("NoSuchEntity", "The role with name Ops cannot be found.");
        fails(&alcazar, "GetRolePolicy", input.clone(), missing).await;
        role(&alcazar, "Ops").await;
        let missing = (
            "NoSuchEntity",
            "The role policy with name p cannot be found.",
        );
        fails(&alcazar, "GetRolePolicy", input, missing).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let put =
            json!({"RoleName": "Ops", "PolicyName": "p", "PolicyDocument": policy("kms:*", 1)});
        root(&alcazar, "PutRolePolicy", put).await;
        let input = json!({"RoleName": "Ops", "PolicyName": "p"});
        denies(&alcazar, "GetRolePolicy", input.clone()).await;
        root(&alcazar, "GetRolePolicy", input).await;
        let event = alcazar.event("GetRolePolicy").await;
        assert_eq!(event["requestParameters"]["policyName"], "p");
    }
}
