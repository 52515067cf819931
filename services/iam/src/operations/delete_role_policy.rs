//! `iam:DeleteRolePolicy`: the end of an inline policy.

use iam_api::shapes::DeleteRolePolicyRequest;
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::attachment::boundary_of;
use crate::find::Named;
use crate::inline_policy;

pub(crate) struct DeleteRolePolicy;

impl Operation for DeleteRolePolicy {
    type Api = operations::DeleteRolePolicy;
    type Target = Named<Role>;

    async fn access(
        input: &DeleteRolePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::DeleteRolePolicy {
            role: role.resource(),
            permissions_boundary: boundary_of(&role),
        };
        Ok(Access::to(role, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let role = call.target().modifiable()?;
        call.put(inline_policy::without(&**role, &call.input().policy_name)?);
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, policy, role, root, server};

    #[tokio::test]
    async fn the_others_stay() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        for name in ["p", "q"] {
            let put = json!({"RoleName": "Ops", "PolicyName": name, "PolicyDocument": policy("kms:*", 1)});
            root(&alcazar, "PutRolePolicy", put).await;
        }
        let input = json!({"RoleName": "Ops", "PolicyName": "p"});
        root(&alcazar, "DeleteRolePolicy", input.clone()).await;
        let listed = root(&alcazar, "ListRolePolicies", json!({"RoleName": "Ops"})).await;
        assert_eq!(listed.fields("member"), ["q"]);
        let missing = (
            "NoSuchEntity",
            "The role policy with name p cannot be found.",
        );
        fails(&alcazar, "DeleteRolePolicy", input, missing).await;
        let missing = ("NoSuchEntity", "The role with name none cannot be found.");
        fails(
            &alcazar,
            "DeleteRolePolicy",
            json!({"RoleName": "none", "PolicyName": "p"}),
            missing,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let put =
            json!({"RoleName": "Ops", "PolicyName": "p", "PolicyDocument": policy("kms:*", 1)});
        root(&alcazar, "PutRolePolicy", put).await;
        let input = json!({"RoleName": "Ops", "PolicyName": "p"});
        denies(&alcazar, "DeleteRolePolicy", input.clone()).await;
        root(&alcazar, "DeleteRolePolicy", input).await;
        let event = alcazar.event("DeleteRolePolicy").await;
        assert_eq!(event["requestParameters"]["policyName"], "p");
    }
}
