//! `ssm:DeleteParameters`: up to ten parameters with all their versions; those that are not there are told as invalid.

use std::collections::HashSet;

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use ssm_api::shapes::{DeleteParametersRequest, DeleteParametersResult};
use ssm_api::{operations, permission};

use crate::keeping;
use crate::sought::Sought;

pub(crate) struct DeleteParameters;

impl Operation for DeleteParameters {
    type Api = operations::DeleteParameters;
    type Target = Vec<Sought>;

    async fn access(
        input: &DeleteParametersRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let mut all = Vec::new();
        for name in &input.names {
            all.push(Sought::find_by_name(look, name).await?);
        }
        let mut needs = all.iter().map(|sought| permission::DeleteParameters {
            parameter: sought.resource(),
        });
        let first = needs.next();
        let first = first.ok_or_else(|| Failure::internal("a call without names"))?;
        let needs: Vec<_> = needs.collect();
        let access = Access::to(all, first);
        Ok(needs.into_iter().fold(access, Access::and))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DeleteParametersResult, Failure> {
        let (mut deleted, mut invalid, mut parameters) = (Vec::new(), Vec::new(), Vec::new());
        let mut known = HashSet::new();
        for (sought, name) in call.target().iter().zip(&call.input().names) {
            let twice = !known.insert(sought.arn());
            match sought.parameter() {
                Some(_) if twice => {}
                Some(parameter) => {
                    deleted.push(name.clone());
                    parameters.push(parameter.clone());
                }
                None => invalid.push(name.clone()),
            }
        }
        keeping::forget(&call, &parameters).await?;
        Ok(DeleteParametersResult {
            deleted_parameters: Some(deleted),
            invalid_parameters: Some(invalid),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::*;
    use serde_json::json;

    #[tokio::test]
    async fn all_of_them_are_gone() {
        let root = alcazar().await.root();
        for name in ["/a", "/a/b", "/c"] {
            root.put(name, "1").await;
            root.put(name, "2").await;
        }
        let gone = json!({"Names": ["/a", "a", "/none"]});
        let gone = root
            .ssm("DeleteParameters", gone)
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(
            gone,
            json!({"DeletedParameters": ["/a"], "InvalidParameters": ["/none"]})
        );
        root.ssm("DeleteParameter", json!({"Name": "/c"}))
            .await
            .ok();
        root.ssm("DeleteParameter", json!({"Name": "/c"}))
            .await
            .fails("ParameterNotFound");
        for arn in ["arn:aws:ssm:us-east-1:111122223333:parameter/a/b", "/a/b:1"] {
            root.ssm("DeleteParameter", json!({"Name": arn}))
                .await
                .fails("ValidationException");
        }
        assert_eq!(root.value("/a/b:1").await, "1");
        root.put("/a", "new").await;
        assert_eq!(root.value("/a:1").await, "new");
        root.ssm("GetParameter", json!({"Name": "/a:2"}))
            .await
            .fails("ParameterVersionNotFound");
    }
}
