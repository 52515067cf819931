//! `iam:AttachGroupPolicy`: gives a group a managed policy.

use iam_api::shapes::AttachGroupPolicyRequest;
use iam_api::{operations, permission};
use identity::Group;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::attachment;
use crate::find::Named;

pub(crate) struct AttachGroupPolicy;

impl Operation for AttachGroupPolicy {
    type Api = operations::AttachGroupPolicy;
    type Target = Named<Group>;

    async fn access(
        input: &AttachGroupPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let group = Named::<Group>::find(look, &input.group_name).await?;
        let needs = permission::AttachGroupPolicy {
            group: group.resource(),
            policy_arn: Some(input.policy_arn.clone().into()),
        };
        Ok(Access::to(group, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let group = call.target().found()?;
        attachment::attach(&call, group.as_ref(), &call.input().policy_arn).await?;
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
        attaches("Group", "PoliciesPerGroup").await;
    }

    #[tokio::test]
    async fn denied() {
        let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        let input = json!({"GroupName": "x", "PolicyArn": policy});
        denies(&server().await, "AttachGroupPolicy", input).await;
    }
}
