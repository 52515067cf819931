//! `iam:DetachRolePolicy`: takes a managed policy from a role.

use iam_api::shapes::DetachRolePolicyRequest;
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::attachment;
use crate::find::Named;

pub(crate) struct DetachRolePolicy;

impl Operation for DetachRolePolicy {
    type Api = operations::DetachRolePolicy;
    type Target = Named<Role>;

    async fn access(
        input: &DetachRolePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::DetachRolePolicy {
            role: role.resource(),
            permissions_boundary: attachment::boundary_of(&role),
            policy_arn: Some(input.policy_arn.clone().into()),
        };
        Ok(Access::to(role, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let role = call.target().modifiable()?;
        attachment::detach(&call, role.as_ref(), &call.input().policy_arn).await?;
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::attaching::detaches;
    use crate::testing::{denies, server};

    #[tokio::test]
    async fn detaches_a_policy() {
        detaches("Role").await;
    }

    #[tokio::test]
    async fn denied() {
        let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        let input = json!({"RoleName": "x", "PolicyArn": policy});
        denies(&server().await, "DetachRolePolicy", input).await;
    }
}
