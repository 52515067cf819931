//! `ssm:DeleteResourcePolicy`: removes the policy on a parameter.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{DeleteResourcePolicyRequest, DeleteResourcePolicyResponse};
use ssm_api::{operations, permission};
use storage::Record;

use crate::parameter::Parameter;
use crate::shared::Shared;
use crate::sought::Sought;
use crate::{errors, sharing};

pub(crate) struct DeleteResourcePolicy;

impl Operation for DeleteResourcePolicy {
    type Api = operations::DeleteResourcePolicy;
    type Target = Sought;

    async fn access(
        input: &DeleteResourcePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let reference = sharing::reference(&input.resource_arn)?;
        let sought = Sought::of_reference(look, reference).await?;
        let needs = permission::DeleteResourcePolicy {
            parameter: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DeleteResourcePolicyResponse, Failure> {
        let input = call.input();
        if input.deletion_mode.is_some() {
            return Err(errors::not_built("DeletionMode"));
        }
        let parameter = call.target().existing();
        let parameter = parameter.map_err(|_| errors::no_such_resource())?;
        sharing::current(parameter, &input.policy_id, &input.policy_hash)?;
        call.delete::<Shared>(&Shared::of(parameter).key());
        call.put(Parameter {
            policy: None,
            ..Parameter::clone(parameter)
        });
        Ok(DeleteResourcePolicyResponse {})
    }
}
