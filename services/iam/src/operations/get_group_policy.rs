//! `iam:GetGroupPolicy`: what an inline policy says.

use iam_api::shapes::{GetGroupPolicyRequest, GetGroupPolicyResponse};
use iam_api::{operations, permission};
use identity::Group;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::{inline_policy, shapes};

pub(crate) struct GetGroupPolicy;

impl Operation for GetGroupPolicy {
    type Api = operations::GetGroupPolicy;
    type Target = Named<Group>;

    async fn access(
        input: &GetGroupPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let group = Named::<Group>::find(look, &input.group_name).await?;
        let needs = permission::GetGroupPolicy {
            group: group.resource(),
        };
        Ok(Access::to(group, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetGroupPolicyResponse, Failure> {
        let (input, group) = (call.input(), call.target().found()?);
        let document = inline_policy::find(&**group, &input.policy_name)?;
        Ok(GetGroupPolicyResponse {
            group_name: group.name.clone(),
            policy_name: input.policy_name.clone(),
            policy_document: shapes::document(document.text()),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, group, policy, root, server};

    #[tokio::test]
    async fn the_document_is_as_given_but_encoded() {
        let alcazar = server().await;
        group(&alcazar, "dev").await;
        let document = policy("kms:*", 1).replace(':', ": ");
        let put = json!({"GroupName": "dev", "PolicyName": "p", "PolicyDocument": document});
        root(&alcazar, "PutGroupPolicy", put).await;
        let input = json!({"GroupName": "dev", "PolicyName": "p"});
        let got = root(&alcazar, "GetGroupPolicy", input).await;
        assert_eq!(got.field("GroupName"), "dev");
        assert_eq!(got.field("PolicyName"), "p");
        assert_eq!(
            got.field("PolicyDocument"),
            crate::shapes::document(&document)
        );
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let input = json!({"GroupName": "dev", "PolicyName": "p"});
        let missing = ("NoSuchEntity", "The group with name dev cannot be found.");
        fails(&alcazar, "GetGroupPolicy", input.clone(), missing).await;
        group(&alcazar, "dev").await;
        let missing = (
            "NoSuchEntity",
            "The group policy with name p cannot be found.",
        );
        fails(&alcazar, "GetGroupPolicy", input, missing).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        group(&alcazar, "dev").await;
        let put =
            json!({"GroupName": "dev", "PolicyName": "p", "PolicyDocument": policy("kms:*", 1)});
        root(&alcazar, "PutGroupPolicy", put).await;
        let input = json!({"GroupName": "dev", "PolicyName": "p"});
        denies(&alcazar, "GetGroupPolicy", input.clone()).await;
        root(&alcazar, "GetGroupPolicy", input).await;
        let event = alcazar.event("GetGroupPolicy").await;
        assert_eq!(event["requestParameters"]["policyName"], "p");
    }
}
