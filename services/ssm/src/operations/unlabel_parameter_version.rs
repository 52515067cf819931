//! `ssm:UnlabelParameterVersion`: takes labels off a version.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{UnlabelParameterVersionRequest, UnlabelParameterVersionResult};
use ssm_api::{operations, permission};

use crate::parameter::Parameter;
use crate::sought::Sought;
use crate::{errors, labels};

pub(crate) struct UnlabelParameterVersion;

impl Operation for UnlabelParameterVersion {
    type Api = operations::UnlabelParameterVersion;
    type Target = Sought;

    async fn access(
        input: &UnlabelParameterVersionRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find_by_name(look, &input.name).await?;
        let needs = permission::UnlabelParameterVersion {
            parameter: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<UnlabelParameterVersionResult, Failure> {
        let input = call.input();
        let mut parameter = Parameter::clone(call.target().existing()?);
        let number = u64::try_from(input.parameter_version).unwrap_or(0);
        if !parameter.has(number) {
            return Err(errors::no_such_version(number, &parameter.name));
        }
        let (removed, invalid) = labels::detach(&mut parameter, number, &input.labels);
        call.put(parameter);
        Ok(UnlabelParameterVersionResult {
            removed_labels: Some(removed),
            invalid_labels: Some(invalid),
        })
    }
}
