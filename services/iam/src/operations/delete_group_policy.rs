//! `iam:DeleteGroupPolicy`: the end of an inline policy.

use iam_api::shapes::DeleteGroupPolicyRequest;
use iam_api::{operations, permission};
use identity::Group;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::find::Named;
use crate::inline_policy;

pub(crate) struct DeleteGroupPolicy;

impl Operation for DeleteGroupPolicy {
    type Api = operations::DeleteGroupPolicy;
    type Target = Named<Group>;

    async fn access(
        input: &DeleteGroupPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let group = Named::<Group>::find(look, &input.group_name).await?;
        let needs = permission::DeleteGroupPolicy {
            group: group.resource(),
        };
        Ok(Access::to(group, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let group = call.target().found()?;
        call.put(inline_policy::without(&**group, &call.input().policy_name)?);
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, group, policy, root, server};

    #[tokio::test]
    async fn the_others_stay() {
        let alcazar = server().await;
        group(&alcazar, "dev").await;
        for name in ["p", "q"] {
            let put = json!({"GroupName": "dev", "PolicyName": name, "PolicyDocument": policy("kms:*", 1)});
            root(&alcazar, "PutGroupPolicy", put).await;
        }
        let input = json!({"GroupName": "dev", "PolicyName": "p"});
        root(&alcazar, "DeleteGroupPolicy", input.clone()).await;
        let listed = root(&alcazar, "ListGroupPolicies", json!({"GroupName": "dev"})).await;
        assert_eq!(listed.fields("member"), ["q"]);
        let missing = (
            "NoSuchEntity",
            "The group policy with name p cannot be found.",
        );
        fails(&alcazar, "DeleteGroupPolicy", input, missing).await;
        let missing = ("NoSuchEntity", "The group with name none cannot be found.");
        fails(
            &alcazar,
            "DeleteGroupPolicy",
            json!({"GroupName": "none", "PolicyName": "p"}),
            missing,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        group(&alcazar, "dev").await;
        let put =
            json!({"GroupName": "dev", "PolicyName": "p", "PolicyDocument": policy("kms:*", 1)});
        root(&alcazar, "PutGroupPolicy", put).await;
        let input = json!({"GroupName": "dev", "PolicyName": "p"});
        denies(&alcazar, "DeleteGroupPolicy", input.clone()).await;
        root(&alcazar, "DeleteGroupPolicy", input).await;
        let event = alcazar.event("DeleteGroupPolicy").await;
        assert_eq!(event["requestParameters"]["policyName"], "p");
    }
}
