//! `iam:DeleteUserPermissionsBoundary`: lets a user do all that its policies allow.

use iam_api::shapes::DeleteUserPermissionsBoundaryRequest;
use iam_api::{operations, permission};
use identity::User;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::attachment;
use crate::find::Named;

pub(crate) struct DeleteUserPermissionsBoundary;

impl Operation for DeleteUserPermissionsBoundary {
    type Api = operations::DeleteUserPermissionsBoundary;
    type Target = Named<User>;

    async fn access(
        input: &DeleteUserPermissionsBoundaryRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let user = Named::<User>::find(look, &input.user_name).await?;
        let needs = permission::DeleteUserPermissionsBoundary {
            user: user.resource(),
            permissions_boundary: attachment::boundary_of(&user),
        };
        Ok(Access::to(user, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        attachment::unbound(&call, call.target().found()?.as_ref());
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
        unbounds("User").await;
    }

    #[tokio::test]
    async fn denied() {
        let input = json!({"UserName": "x"});
        denies(&server().await, "DeleteUserPermissionsBoundary", input).await;
    }
}
