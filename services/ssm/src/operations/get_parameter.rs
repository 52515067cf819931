//! `ssm:GetParameter`: a parameter with its value.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{GetParameterRequest, GetParameterResult};
use ssm_api::{operations, permission};

use crate::sought::Sought;
use crate::told;

pub(crate) struct GetParameter;

impl Operation for GetParameter {
    type Api = operations::GetParameter;
    type Target = Sought;

    async fn access(
        input: &GetParameterRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find(look, &input.name).await?;
        let needs = permission::GetParameter {
            parameter: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetParameterResult, Failure> {
        let sought = call.target();
        let (parameter, version) = (sought.existing()?, sought.version(call.look()).await?);
        let with_decryption = call.input().with_decryption;
        let told = told::with_value(&call, parameter, &version, with_decryption).await?;
        Ok(GetParameterResult {
            parameter: Some(told::selected(told, sought.selector())),
        })
    }
}
