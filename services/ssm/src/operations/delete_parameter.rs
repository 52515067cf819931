//! `ssm:DeleteParameter`: a parameter with all its versions.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{DeleteParameterRequest, DeleteParameterResult};
use ssm_api::{operations, permission};

use crate::keeping;
use crate::sought::Sought;

pub(crate) struct DeleteParameter;

impl Operation for DeleteParameter {
    type Api = operations::DeleteParameter;
    type Target = Sought;

    async fn access(
        input: &DeleteParameterRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find_by_name(look, &input.name).await?;
        let needs = permission::DeleteParameter {
            parameter: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DeleteParameterResult, Failure> {
        keeping::forget(&call, &[call.target().existing()?.clone()]).await?;
        Ok(DeleteParameterResult {})
    }
}
