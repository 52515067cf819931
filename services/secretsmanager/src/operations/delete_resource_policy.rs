//! `secretsmanager:DeleteResourcePolicy`: removes the policy on a secret.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{DeleteResourcePolicyRequest, DeleteResourcePolicyResponse};
use secretsmanager_api::{operations, permission};

use crate::keeping::Change;
use crate::policy_text;
use crate::secret::Secret;
use crate::sought::Sought;

pub(crate) struct DeleteResourcePolicy;

impl Operation for DeleteResourcePolicy {
    type Api = operations::DeleteResourcePolicy;
    type Target = Sought;

    async fn access(
        input: &DeleteResourcePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.secret_id).await?;
        let needs = permission::DeleteResourcePolicy {
            secret: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DeleteResourcePolicyResponse, Failure> {
        policy_text::check_name(&call.input().policy_name)?;
        let secret = call.target().changeable()?;
        let (arn, name) = policy_text::heading(&secret.arn, &secret.name);
        let changed = Secret {
            policy: None,
            ..Secret::clone(secret)
        };
        Change::of(changed).keep(&call).await?;
        Ok(DeleteResourcePolicyResponse {
            arn,
            name,
            policy_name: None,
        })
    }
}
