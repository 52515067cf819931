//! `iam:DeleteRolePermissionsBoundary`: lets a role do all that its policies allow.

use iam_api::shapes::DeleteRolePermissionsBoundaryRequest;
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::attachment;
use crate::find::Named;

pub(crate) struct DeleteRolePermissionsBoundary;

impl Operation for DeleteRolePermissionsBoundary {
    type Api = operations::DeleteRolePermissionsBoundary;
    type Target = Named<Role>;

    async fn access(
        input: &DeleteRolePermissionsBoundaryRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::DeleteRolePermissionsBoundary {
            role: role.resource(),
            permissions_boundary: attachment::boundary_of(&role),
        };
        Ok(Access::to(role, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        attachment::unbound(&call, call.target().modifiable()?.as_ref());
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::attaching::unbounds;
    use crate::testing::{denies, server};

    #[tokio::test]
    async fn takes_the_boundary_off() {
        unbounds("Role").await;
    }

    #[tokio::test]
    async fn denied() {
        let input = json!({"RoleName": "x"});
        denies(&server().await, "DeleteRolePermissionsBoundary", input).await;
    }
}
