//! `ssm:GetParameters`: up to ten parameters with their values; those that are not there are told as invalid.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{GetParametersRequest, GetParametersResult, Parameter};
use ssm_api::{errors, operations, permission};

use crate::sought::Sought;
use crate::{secret_reference, told};

pub(crate) struct GetParameters;

impl Operation for GetParameters {
    type Api = operations::GetParameters;
    type Target = Vec<Sought>;

    async fn access(
        input: &GetParametersRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let mut all = Vec::new();
        for name in &input.names {
            all.push(Sought::find_to_read(look, name).await?);
        }
        let mut needs = all.iter().map(|sought| permission::GetParameters {
            parameter: sought.resource(),
        });
        let first = needs.next();
        let first = first.ok_or_else(|| Failure::internal("a call without names"))?;
        let needs: Vec<_> = needs.collect();
        let access = Access::to(all, first);
        Ok(needs.into_iter().fold(access, Access::and))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetParametersResult, Failure> {
        let with_decryption = call.input().with_decryption;
        let (mut parameters, mut invalid) = (Vec::new(), Vec::new());
        for (sought, name) in call.target().iter().zip(&call.input().names) {
            match read(&call, sought, with_decryption).await {
                Ok(parameter) => parameters.push(parameter),
                Err(failure) if is_missing(&failure) => invalid.push(name.clone()),
                Err(failure) => return Err(failure),
            }
        }
        Ok(GetParametersResult {
            parameters: Some(parameters),
            invalid_parameters: Some(invalid),
        })
    }
}

async fn read(
    call: &Permitted<'_, GetParameters>,
    sought: &Sought,
    with_decryption: Option<bool>,
) -> Result<Parameter, Failure> {
    if let Some(secret) = secret_reference::read(call, sought, with_decryption).await? {
        return Ok(secret);
    }
    let (parameter, version) = (sought.existing()?, sought.version(call.look()).await?);
    let told = told::with_value(call, parameter, &version, with_decryption).await?;
    Ok(told::selected(told, sought.selector()))
}

fn is_missing(failure: &Failure) -> bool {
    let missing = [
        &errors::PARAMETER_NOT_FOUND,
        &errors::PARAMETER_VERSION_NOT_FOUND,
    ];
    match failure {
        Failure::Fault(fault) => missing.iter().any(|it| it.code == fault.facts.code),
        Failure::Denied { .. } | Failure::Conflict | Failure::Internal(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::*;
    use serde_json::{Value, json};

    #[tokio::test]
    async fn those_that_are_there_and_those_that_are_not() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        root.put("/a", "1").await;
        root.put("/b", "2").await;
        let read = json!({"Names": ["/a", "/b:1", "/c", "/a:9"]});
        let read = root.ssm("GetParameters", read).await.ok().json().unwrap();
        assert_eq!(read["InvalidParameters"], json!(["/c", "/a:9"]));
        assert_eq!(read["Parameters"][1]["Selector"], ":1");
        assert_eq!(read["Parameters"].as_array().unwrap().len(), 2);
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ssm:GetParameters",
            "Resource": "arn:aws:ssm:*:*:parameter/a"}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        ann.ssm("GetParameters", json!({"Names": ["/a"]}))
            .await
            .ok();
        ann.ssm("GetParameters", json!({"Names": ["/a", "/b"]}))
            .await
            .fails("AccessDeniedException");
        assert!(alcazar.event("GetParameters").await["requestParameters"]["names"] != Value::Null);
    }
}
