//! `iam:DetachGroupPolicy`: takes a managed policy from a group.

use iam_api::shapes::DetachGroupPolicyRequest;
use iam_api::{operations, permission};
use identity::Group;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::attachment;
use crate::find::Named;

pub(crate) struct DetachGroupPolicy;

impl Operation for DetachGroupPolicy {
    type Api = operations::DetachGroupPolicy;
    type Target = Named<Group>;

    async fn access(
        input: &DetachGroupPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let group = Named::<Group>::find(look, &input.group_name).await?;
        let needs = permission::DetachGroupPolicy {
            group: group.resource(),
            policy_arn: Some(input.policy_arn.clone().into()),
        };
        Ok(Access::to(group, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let group = call.target().found()?;
        attachment::detach(&call, group.as_ref(), &call.input().policy_arn).await?;
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::attaching::detaches;
    use crate::testing::{denies, server};

    #[tokio::test]
    async fn detaches_a_policy() {
        detaches("Group").await;
    }

    #[tokio::test]
    async fn denied() {
        let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        let input = json!({"GroupName": "x", "PolicyArn": policy});
        denies(&server().await, "DetachGroupPolicy", input).await;
    }
}
