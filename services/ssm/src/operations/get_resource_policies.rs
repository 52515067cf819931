//! `ssm:GetResourcePolicies`: the policy on a parameter.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{
    GetResourcePoliciesRequest, GetResourcePoliciesResponse, GetResourcePoliciesResponseEntry,
};
use ssm_api::{operations, permission};

use crate::sought::Sought;
use crate::{errors, sharing};

pub(crate) struct GetResourcePolicies;

impl Operation for GetResourcePolicies {
    type Api = operations::GetResourcePolicies;
    type Target = Sought;

    async fn access(
        input: &GetResourcePoliciesRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let reference = sharing::reference(&input.resource_arn)?;
        let sought = Sought::of_reference(look, reference).await?;
        let needs = permission::GetResourcePolicies {
            parameter: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetResourcePoliciesResponse, Failure> {
        // There is never more than one page.
        if call.input().next_token.is_some() {
            return Err(errors::invalid_next_token());
        }
        let parameter = call.target().existing();
        let parameter = parameter.map_err(|_| errors::no_such_resource())?;
        let entries = parameter
            .policy
            .iter()
            .map(|sharing| GetResourcePoliciesResponseEntry {
                policy_id: Some(sharing.id.clone()),
                policy_hash: Some(sharing::hash(sharing)),
                policy: Some(sharing.document.text().to_owned()),
            });
        Ok(GetResourcePoliciesResponse {
            next_token: None,
            policies: Some(entries.collect()),
        })
    }
}
