//! `iam:AttachUserPolicy`: gives a user a managed policy.

use iam_api::shapes::AttachUserPolicyRequest;
use iam_api::{operations, permission};
use identity::User;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::attachment;
use crate::find::Named;

pub(crate) struct AttachUserPolicy;

impl Operation for AttachUserPolicy {
    type Api = operations::AttachUserPolicy;
    type Target = Named<User>;

    async fn access(
        input: &AttachUserPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let user = Named::<User>::find(look, &input.user_name).await?;
        let needs = permission::AttachUserPolicy {
            user: user.resource(),
            permissions_boundary: attachment::boundary_of(&user),
            policy_arn: Some(input.policy_arn.clone().into()),
        };
        Ok(Access::to(user, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let user = call.target().found()?;
        attachment::attach(&call, user.as_ref(), &call.input().policy_arn).await?;
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::attaching::attaches;
    use crate::testing::{denies, server};

    #[tokio::test]
    async fn attaches_a_policy() {
        attaches("User", "PoliciesPerUser").await;
    }

    #[tokio::test]
    async fn denied() {
        let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        let input = json!({"UserName": "x", "PolicyArn": policy});
        denies(&server().await, "AttachUserPolicy", input).await;
    }
}
