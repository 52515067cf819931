//! `iam:GetUserPolicy`: what an inline policy says.

use iam_api::shapes::{GetUserPolicyRequest, GetUserPolicyResponse};
use iam_api::{operations, permission};
use identity::User;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::{inline_policy, shapes};

pub(crate) struct GetUserPolicy;

impl Operation for GetUserPolicy {
    type Api = operations::GetUserPolicy;
    type Target = Named<User>;

    async fn access(
        input: &GetUserPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let user = Named::<User>::find(look, &input.user_name).await?;
        let needs = permission::GetUserPolicy {
            user: user.resource(),
        };
        Ok(Access::to(user, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetUserPolicyResponse, Failure> {
        let (input, user) = (call.input(), call.target().found()?);
        let document = inline_policy::find(&**user, &input.policy_name)?;
        Ok(GetUserPolicyResponse {
            user_name: user.name.clone(),
            policy_name: input.policy_name.clone(),
            policy_document: shapes::document(document.text()),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, policy, root, server, user};

    #[tokio::test]
    async fn the_document_is_as_given_but_encoded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let document = policy("kms:*", 1).replace(':', ": ");
        let put = json!({"UserName": "ann", "PolicyName": "p", "PolicyDocument": document});
        root(&alcazar, "PutUserPolicy", put).await;
        let input = json!({"UserName": "ann", "PolicyName": "p"});
        let got = root(&alcazar, "GetUserPolicy", input).await;
        assert_eq!(got.field("UserName"), "ann");
        assert_eq!(got.field("PolicyName"), "p");
        assert_eq!(
            got.field("PolicyDocument"),
            crate::shapes::document(&document)
        );
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let input = json!({"UserName": "ann", "PolicyName": "p"});
        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        fails(&alcazar, "GetUserPolicy", input.clone(), missing).await;
        user(&alcazar, "ann").await;
        let missing = (
            "NoSuchEntity",
            "The user policy with name p cannot be found.",
        );
        fails(&alcazar, "GetUserPolicy", input, missing).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let put =
            json!({"UserName": "ann", "PolicyName": "p", "PolicyDocument": policy("kms:*", 1)});
        root(&alcazar, "PutUserPolicy", put).await;
        let input = json!({"UserName": "ann", "PolicyName": "p"});
        denies(&alcazar, "GetUserPolicy", input.clone()).await;
        root(&alcazar, "GetUserPolicy", input).await;
        let event = alcazar.event("GetUserPolicy").await;
        assert_eq!(event["requestParameters"]["policyName"], "p");
    }
}
