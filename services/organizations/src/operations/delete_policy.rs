//! `organizations:DeletePolicy`: removes a policy that is attached to nothing.

use identity::organization::{OrganizationPolicy, PolicyUse};
use organizations_api::shapes::DeletePolicyRequest;
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::errors;
use crate::policies::SoughtPolicy;

pub(crate) struct DeletePolicy;

impl Operation for DeletePolicy {
    type Api = operations::DeletePolicy;
    type Target = SoughtPolicy;

    async fn access(
        input: &DeletePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = SoughtPolicy::find(look, &input.policy_id).await?;
        let needs = permission::DeletePolicy {
            policy: sought.resource(),
            policy_type: sought.policy_type(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let organization = call.target().standing.manages()?;
        let policy = call.target().own()?;
        let prefix = PolicyUse::prefix(&organization.id, &policy.id);
        if !call
            .look()
            .scan::<PolicyUse>(&prefix, None, 1)
            .await?
            .is_empty()
        {
            return Err(errors::policy_in_use());
        }
        call.delete::<OrganizationPolicy>(&policy.key());
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, guards, organized};

    const OPERATION: &str = "DeletePolicy";

    #[tokio::test]
    async fn when_it_is_attached_nowhere() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        root.enable("SERVICE_CONTROL_POLICY").await;
        let id = root.policy("deny").await;
        let attachment = json!({"PolicyId": id, "TargetId": top});
        root.does("AttachPolicy", attachment.clone()).await;
        root.fails(OPERATION, json!({"PolicyId": id}), "PolicyInUseException")
            .await;
        root.does("DetachPolicy", attachment).await;
        root.does(OPERATION, json!({"PolicyId": id})).await;
        root.fails(
            OPERATION,
            json!({"PolicyId": id}),
            "PolicyNotFoundException",
        )
        .await;
        let event = alcazar.event(OPERATION).await;
        assert_eq!(event["requestParameters"]["policyId"], id);
    }

    #[tokio::test]
    async fn not_the_ones_of_aws() {
        let root = organized().await.0.root();
        let input = json!({"PolicyId": "p-FullAWSAccess"});
        let reason = root.reason(OPERATION, input, "InvalidInputException").await;
        assert_eq!(reason, "IMMUTABLE_POLICY");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"PolicyId": "p-12345678"})).await;
    }
}
