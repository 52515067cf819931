//! `secretsmanager:GetResourcePolicy`: the policy on a secret.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{GetResourcePolicyRequest, GetResourcePolicyResponse};
use secretsmanager_api::{operations, permission};

use crate::policy_text;
use crate::sought::Sought;

pub(crate) struct GetResourcePolicy;

impl Operation for GetResourcePolicy {
    type Api = operations::GetResourcePolicy;
    type Target = Sought;

    async fn access(
        input: &GetResourcePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let needs = permission::GetResourcePolicy {
            secret: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetResourcePolicyResponse, Failure> {
        policy_text::check_name(&call.input().policy_name)?;
        let secret = call.target().usable()?;
        let (arn, name) = policy_text::heading(&secret.arn, &secret.name);
        Ok(GetResourcePolicyResponse {
            arn,
            name,
            resource_policy: secret
                .policy
                .as_ref()
                .map(|policy| policy.text().to_owned()),
            policy_name: None,
        })
    }
}
