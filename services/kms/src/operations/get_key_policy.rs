//! `kms:GetKeyPolicy`: the policy of a key.

use kms_api::shapes::{GetKeyPolicyRequest, GetKeyPolicyResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::sought::Sought;
use crate::{errors, key_policy};

pub(crate) struct GetKeyPolicy;

impl Operation for GetKeyPolicy {
    type Api = operations::GetKeyPolicy;
    type Target = Sought;

    async fn access(
        input: &GetKeyPolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::GetKeyPolicy {
            key: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetKeyPolicyResponse, Failure> {
        let key = call.target().key()?;
        match call.input().policy_name.as_deref() {
            None | Some(key_policy::NAME) => Ok(GetKeyPolicyResponse {
                policy: Some(key.policy.text().to_owned()),
                policy_name: Some(key_policy::NAME.to_owned()),
            }),
            Some(_) => Err(errors::no_such_policy()),
        }
    }
}
