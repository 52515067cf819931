//! `iam:PutRolePermissionsBoundary`: sets the managed policy that bounds what a role may do.

use iam_api::shapes::PutRolePermissionsBoundaryRequest;
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::attachment;
use crate::find::Named;

pub(crate) struct PutRolePermissionsBoundary;

impl Operation for PutRolePermissionsBoundary {
    type Api = operations::PutRolePermissionsBoundary;
    type Target = Named<Role>;

    async fn access(
        input: &PutRolePermissionsBoundaryRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::PutRolePermissionsBoundary {
            role: role.resource(),
            // The boundary that is asked for, so that a policy can insist on one.
            permissions_boundary: Some(input.permissions_boundary.clone().into()),
        };
        Ok(Access::to(role, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let role = call.target().modifiable()?;
        attachment::bound(&call, role.as_ref(), &call.input().permissions_boundary).await?;
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::attaching::bounds;
    use crate::testing::{denies, server};

    #[tokio::test]
    async fn sets_a_boundary() {
        bounds("Role").await;
    }

    #[tokio::test]
    async fn denied() {
        let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        let input = json!({"RoleName": "x", "PermissionsBoundary": policy});
        denies(&server().await, "PutRolePermissionsBoundary", input).await;
    }
}
