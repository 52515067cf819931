//! `iam:DeleteUserPolicy`: the end of an inline policy.

use iam_api::shapes::DeleteUserPolicyRequest;
use iam_api::{operations, permission};
use identity::User;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::attachment::boundary_of;
use crate::find::Named;
use crate::inline_policy;

pub(crate) struct DeleteUserPolicy;

impl Operation for DeleteUserPolicy {
    type Api = operations::DeleteUserPolicy;
    type Target = Named<User>;

    async fn access(
        input: &DeleteUserPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let user = Named::<User>::find(look, &input.user_name).await?;
        let needs = permission::DeleteUserPolicy {
            user: user.resource(),
            permissions_boundary: boundary_of(&user),
        };
        Ok(Access::to(user, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let user = call.target().found()?;
        call.put(inline_policy::without(&**user, &call.input().policy_name)?);
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, policy, root, server, user};

    #[tokio::test]
    async fn the_others_stay() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        for name in ["p", "q"] {
            let put = json!({"UserName": "ann", "PolicyName": name, "PolicyDocument": policy("kms:*", 1)});
            root(&alcazar, "PutUserPolicy", put).await;
        }
        let input = json!({"UserName": "ann", "PolicyName": "p"});
        root(&alcazar, "DeleteUserPolicy", input.clone()).await;
        let listed = root(&alcazar, "ListUserPolicies", json!({"UserName": "ann"})).await;
        assert_eq!(listed.fields("member"), ["q"]);
        let missing = (
            "NoSuchEntity",
            "The user policy with name p cannot be found.",
        );
        fails(&alcazar, "DeleteUserPolicy", input, missing).await;
        let missing = ("NoSuchEntity", "The user with name none cannot be found.");
        fails(
            &alcazar,
            "DeleteUserPolicy",
            json!({"UserName": "none", "PolicyName": "p"}),
            missing,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let put =
            json!({"UserName": "ann", "PolicyName": "p", "PolicyDocument": policy("kms:*", 1)});
        root(&alcazar, "PutUserPolicy", put).await;
        let input = json!({"UserName": "ann", "PolicyName": "p"});
        denies(&alcazar, "DeleteUserPolicy", input.clone()).await;
        root(&alcazar, "DeleteUserPolicy", input).await;
        let event = alcazar.event("DeleteUserPolicy").await;
        assert_eq!(event["requestParameters"]["policyName"], "p");
    }
}
