//! `ssm:LabelParameterVersion`: attaches labels to a version.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{LabelParameterVersionRequest, LabelParameterVersionResult};
use ssm_api::{operations, permission};

use crate::emitted::{self, Change};
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
        if invalid.len() < input.labels.len() {
            call.emit(emitted::change(Change::LabelParameterVersion, &parameter));
        }
        call.put(parameter);
        Ok(LabelParameterVersionResult {
            invalid_labels: Some(invalid),
            parameter_version: version::told(number),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::*;
    use serde_json::{Value, json};

    #[tokio::test]
    async fn labels_move_and_have_limits() {
        let root = alcazar().await.root();
        root.put("/a", "1").await;
        root.put("/a", "2").await;
        let label = |version: Value, labels: Vec<String>| json!({"Name": "/a", "ParameterVersion": version, "Labels": labels});
        let one = |text: &str| vec![text.to_owned()];
        let made = root
            .ssm(
                "LabelParameterVersion",
                label(json!(1), vec!["x".into(), "1x".into()]),
            )
            .await
            .ok();
        assert_eq!(
            made.json().unwrap(),
            json!({"InvalidLabels": ["1x"], "ParameterVersion": 1})
        );
        let made = root
            .ssm("LabelParameterVersion", label(Value::Null, one("x")))
            .await
            .ok();
        assert_eq!(made.field("ParameterVersion"), "2");
        assert_eq!(root.value("/a:x").await, "2");
        let ten = (0..10).map(|it| format!("l{it}")).collect();
        root.ssm("LabelParameterVersion", label(json!(1), ten))
            .await
            .ok();
        root.ssm("LabelParameterVersion", label(json!(1), one("x")))
            .await
            .fails("ParameterVersionLabelLimitExceeded");
        root.ssm("LabelParameterVersion", label(json!(3), one("x")))
            .await
            .fails("ParameterVersionNotFound");
        let none = json!({"Name": "/b", "Labels": ["x"]});
        root.ssm("LabelParameterVersion", none)
            .await
            .fails("ParameterNotFound");
        let off = root
            .ssm(
                "UnlabelParameterVersion",
                label(json!(2), vec!["x".into(), "l1".into()]),
            )
            .await
            .ok();
        assert_eq!(
            off.json().unwrap(),
            json!({"RemovedLabels": ["x"], "InvalidLabels": ["l1"]})
        );
        root.ssm("GetParameter", json!({"Name": "/a:x"})).await.fails("ParameterVersionNotFound").saying(
            "Systems Manager could not find label x for parameter /a. Verify the label and try again.",
        );
    }
}
