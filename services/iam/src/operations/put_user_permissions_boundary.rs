//! `iam:PutUserPermissionsBoundary`: sets the managed policy that bounds what a user may do.

use iam_api::shapes::PutUserPermissionsBoundaryRequest;
use iam_api::{operations, permission};
use identity::User;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::attachment;
use crate::find::Named;

pub(crate) struct PutUserPermissionsBoundary;

impl Operation for PutUserPermissionsBoundary {
    type Api = operations::PutUserPermissionsBoundary;
    type Target = Named<User>;

    async fn access(
        input: &PutUserPermissionsBoundaryRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let user = Named::<User>::find(look, &input.user_name).await?;
        let needs = permission::PutUserPermissionsBoundary {
            user: user.resource(),
            // The boundary that is asked for, so that a policy can insist on one.
            permissions_boundary: Some(input.permissions_boundary.clone().into()),
        };
        Ok(Access::to(user, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let user = call.target().found()?;
        attachment::bound(&call, user.as_ref(), &call.input().permissions_boundary).await?;
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
        bounds("User").await;
    }

    #[tokio::test]
    async fn denied() {
        let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        let input = json!({"UserName": "x", "PermissionsBoundary": policy});
        denies(&server().await, "PutUserPermissionsBoundary", input).await;
    }
}
