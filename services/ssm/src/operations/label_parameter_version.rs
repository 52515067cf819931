//! `ssm:LabelParameterVersion`: attaches labels to a version.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{LabelParameterVersionRequest, LabelParameterVersionResult};
use ssm_api::{operations, permission};

use crate::parameter::Parameter;
use crate::sought::Sought;
use crate::{errors, labels, version};

pub(crate) struct LabelParameterVersion;

impl Operation for LabelParameterVersion {
    type Api = operations::LabelParameterVersion;
    type Target = Sought;

    async fn access(
        input: &LabelParameterVersionRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::find_by_name(look, &input.name).await?;
        let needs = permission::LabelParameterVersion {
            parameter: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<LabelParameterVersionResult, Failure> {
        let input = call.input();
        let mut parameter = Parameter::clone(call.target().existing()?);
        let number = match input.parameter_version {
            Some(number) => u64::try_from(number).unwrap_or(0),
            None => parameter.current.number,
        };
        if !parameter.has(number) {
            return Err(errors::no_such_version(number, &parameter.name));
        }
        let invalid = labels::attach(&mut parameter, number, &input.labels)?;
        call.put(parameter);
        Ok(LabelParameterVersionResult {
            invalid_labels: Some(invalid),
            parameter_version: version::told(number),
        })
    }
}
