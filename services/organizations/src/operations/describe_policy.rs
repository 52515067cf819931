//! `organizations:DescribePolicy`: a policy with its document.

use organizations_api::shapes::{DescribePolicyRequest, DescribePolicyResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::policies::SoughtPolicy;
use crate::shapes;

pub(crate) struct DescribePolicy;

impl Operation for DescribePolicy {
    type Api = operations::DescribePolicy;
    type Target = SoughtPolicy;

    async fn access(
        input: &DescribePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = SoughtPolicy::find(look, &input.policy_id).await?;
        let needs = permission::DescribePolicy {
            policy: sought.resource(),
            policy_type: sought.policy_type(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DescribePolicyResponse, Failure> {
        call.target().standing.reads()?;
        Ok(DescribePolicyResponse {
            policy: Some(shapes::policy(call.target().found()?)),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{DENY, Organizations, guards, organized};

    const OPERATION: &str = "DescribePolicy";

    #[tokio::test]
    async fn ours_and_the_ones_of_aws() {
        let (alcazar, _) = organized().await;
        let root = alcazar.root();
        let id = root.policy("deny").await;
        let told = root.does(OPERATION, json!({"PolicyId": id})).await;
        assert_eq!(told["Policy"]["Content"], DENY);
        assert_eq!(told["Policy"]["PolicySummary"]["Name"], "deny");
        for (id, arn) in [
            ("p-FullAWSAccess", "service_control_policy/p-FullAWSAccess"),
            (
                "p-RCPFullAWSAccess",
                "resource_control_policy/p-RCPFullAWSAccess",
            ),
        ] {
            let told = root.does(OPERATION, json!({"PolicyId": id})).await;
            let told = &told["Policy"]["PolicySummary"];
            assert_eq!(
                told["Arn"],
                format!("arn:aws:organizations::aws:policy/{arn}")
            );
            assert_eq!(told["AwsManaged"], true);
        }
        let missing = json!({"PolicyId": "p-12345678"});
        root.fails(OPERATION, missing, "PolicyNotFoundException")
            .await
            .saying("You specified a policy that doesn't exist.");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"PolicyId": "p-12345678"})).await;
    }
}
