//! `ssm:PutResourcePolicy`: sets the policy by which other accounts may read a parameter.

use crypto::random;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use pipeline::{Unbound, bound_policy};
use policy::Grammar;
use ssm_api::shapes::{ParameterTier, PutResourcePolicyRequest, PutResourcePolicyResponse};
use ssm_api::{operations, permission};

use crate::parameter::{Parameter, Sharing};
use crate::sought::Sought;
use crate::{errors, sharing};

pub(crate) struct PutResourcePolicy;

impl Operation for PutResourcePolicy {
    type Api = operations::PutResourcePolicy;
    type Target = Sought;

    async fn access(
        input: &PutResourcePolicyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let reference = sharing::reference(&input.resource_arn)?;
        let sought = Sought::of_reference(look, reference).await?;
        let needs = permission::PutResourcePolicy {
            parameter: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<PutResourcePolicyResponse, Failure> {
        let input = call.input();
        let parameter = call.target().existing();
        let parameter = parameter.map_err(|_| errors::no_such_resource())?;
        if parameter.current.tier == ParameterTier::Standard {
            return Err(errors::standard_not_shared());
        }
        let id = match (&input.policy_id, &input.policy_hash) {
            (Some(id), Some(hash)) => sharing::current(parameter, id, hash)?.id.clone(),
            (None, None) if parameter.policy.is_some() => return Err(errors::too_many_policies()),
            (None, None) => hex::encode(random::bytes::<16>()),
            _ => return Err(errors::half_a_policy_id()),
        };
        let document = bound_policy(call.look(), &input.policy, Grammar::Resource).await?;
        let document = document.map_err(|unbound| match unbound {
            Unbound::Malformed(malformed) => errors::malformed_policy(malformed.message),
            Unbound::Principal => {
                errors::malformed_policy("The policy contains an unsupported principal.")
            }
        })?;
        let sharing = Sharing { id, document };
        let reply = PutResourcePolicyResponse {
            policy_id: Some(sharing.id.clone()),
            policy_hash: Some(sharing::hash(&sharing)),
        };
        call.put(Parameter {
            policy: Some(sharing),
            ..Parameter::clone(parameter)
        });
        Ok(reply)
    }
}
