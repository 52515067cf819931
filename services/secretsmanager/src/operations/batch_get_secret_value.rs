//! `secretsmanager:BatchGetSecretValue`: the current values of several secrets.
//!
//! Each is read as by GetSecretValue, through the door between services: the caller needs that permission too, and what
//! is refused is one of the reply's `Errors`.

use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use secretsmanager_api::shapes::{
    APIErrorType, BatchGetSecretValueRequest, BatchGetSecretValueResponse, GetSecretValueRequest,
    GetSecretValueResponse, SecretValueEntry,
};
use secretsmanager_api::{operations, permission};

use crate::filters::Filters;
use crate::paging::Pages;
use crate::{errors, listing};

/// Secrets of a page.
const MOST: usize = 20;

pub(crate) struct BatchGetSecretValue;

impl Operation for BatchGetSecretValue {
    type Api = operations::BatchGetSecretValue;
    type Target = ();

    async fn access(
        input: &BatchGetSecretValueRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let access = Access::to((), permission::BatchGetSecretValue {});
        Ok(match input.filters {
            Some(_) => access.and(permission::ListSecrets {}),
            None => access,
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<BatchGetSecretValueResponse, Failure> {
        let (ids, next_token) = asked(&call).await?;
        let (mut values, mut refusals) = (Vec::new(), Vec::new());
        for id in ids {
            let input = GetSecretValueRequest {
                secret_id: id.clone(),
                ..GetSecretValueRequest::default()
            };
            match call.forward::<operations::GetSecretValue>(input).await {
                Ok(value) => values.push(entry(value)),
                Err(failure) => refusals.push(refusal(id, failure)?),
            }
        }
        Ok(BatchGetSecretValueResponse {
            secret_values: Some(values),
            next_token,
            errors: Some(refusals),
        })
    }
}

/// The secrets of this page, and the token of the next one.
async fn asked(
    call: &Permitted<'_, BatchGetSecretValue>,
) -> Result<(Vec<String>, Option<String>), Failure> {
    let input = call.input();
    match (&input.secret_id_list, &input.filters) {
        (Some(_), Some(_)) | (None, None) => return Err(errors::ids_or_filters()),
        (Some(_), None) if input.max_results.is_some() => return Err(errors::pages_need_filters()),
        (Some(_), None) if input.next_token.is_some() => return Err(errors::invalid_next_token()),
        (Some(ids), None) => return Ok((ids.clone(), None)),
        (None, Some(_)) => {}
    }
    let filters = Filters::read(&input.filters)?;
    let mut what = vec!["values"];
    what.extend(filters.texts());
    let size = input
        .max_results
        .and_then(|most| usize::try_from(most).ok());
    let token = input.next_token.as_deref();
    let pages = Pages::read(call.call(), &what, token, size.unwrap_or(MOST))?;
    let found = listing::passing(call, &filters, false).await?;
    let (page, next_token) = pages.cut(call.call(), found)?;
    let ids = page.iter().map(|secret| secret.arn.to_string());
    Ok((ids.collect(), next_token))
}

fn entry(value: GetSecretValueResponse) -> SecretValueEntry {
    SecretValueEntry {
        arn: value.arn,
        name: value.name,
        version_id: value.version_id,
        secret_binary: value.secret_binary,
        secret_string: value.secret_string,
        version_stages: value.version_stages,
        created_date: value.created_date,
    }
}

/// What a refused secret leaves in the reply. What is not a refusal fails the call.
fn refusal(id: String, failure: Failure) -> Result<APIErrorType, Failure> {
    match failure {
        Failure::Fault(fault) | Failure::Denied { fault, .. } => Ok(APIErrorType {
            secret_id: Some(id),
            error_code: Some(fault.facts.code.to_owned()),
            message: Some(fault.message.into_owned()),
        }),
        Failure::Conflict | Failure::Internal(_) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{SecretsManager, alcazar};
    use serde_json::{Value, json};

    fn names(read: &Value) -> Vec<Value> {
        let values = read["SecretValues"].as_array().unwrap().iter();
        values.map(|it| it["SecretString"].clone()).collect()
    }

    #[tokio::test]
    async fn values_and_refusals() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for name in ["a1", "a2", "b"] {
            root.new_secret(name, name).await;
        }
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["kms:Decrypt", "secretsmanager:BatchGetSecretValue", "secretsmanager:ListSecrets"], "Resource": "*"},
            {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:*:*:secret:a*"}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        let read = ann
            .secrets(
                "BatchGetSecretValue",
                json!({"SecretIdList": ["a1", "b", "a3"]}),
            )
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(names(&read), [json!("a1")]);
        let errors: Vec<_> = read["Errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["SecretId"].clone(), it["ErrorCode"].clone()))
            .collect();
        assert_eq!(
            errors,
            [
                (json!("b"), json!("AccessDeniedException")),
                (json!("a3"), json!("ResourceNotFoundException"))
            ]
        );
        let filter = json!([{"Key": "name", "Values": ["a"]}]);
        let read = ann
            .secrets(
                "BatchGetSecretValue",
                json!({"Filters": filter, "MaxResults": 1}),
            )
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(names(&read), [json!("a1")]);
        let rest = json!({"Filters": filter, "MaxResults": 1, "NextToken": read["NextToken"]});
        let read = ann
            .secrets("BatchGetSecretValue", rest)
            .await
            .ok()
            .json()
            .unwrap();
        assert_eq!(names(&read), [json!("a2")]);
        assert_eq!(read["NextToken"], Value::Null);
        let denied: Vec<_> = alcazar
            .events()
            .await
            .into_iter()
            .filter(|event| {
                event["eventName"] == "GetSecretValue" && event["errorCode"] == "AccessDenied"
            })
            .collect();
        assert_eq!(denied.len(), 1);
        assert_eq!(
            denied[0]["userIdentity"]["invokedBy"],
            "secretsmanager.amazonaws.com"
        );
    }

    #[tokio::test]
    async fn what_is_refused() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let filter = json!([{"Key": "name", "Values": ["a"]}]);
        for (input, code) in [
            (json!({}), "InvalidParameterException"),
            (
                json!({"SecretIdList": ["a"], "Filters": filter}),
                "InvalidParameterException",
            ),
            (
                json!({"SecretIdList": ["a"], "MaxResults": 2}),
                "InvalidParameterException",
            ),
            (
                json!({"SecretIdList": ["a"], "NextToken": "x"}),
                "InvalidNextTokenException",
            ),
            (
                json!({"Filters": filter, "MaxResults": 21}),
                "ValidationException",
            ),
        ] {
            root.secrets("BatchGetSecretValue", input).await.fails(code);
        }
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["secretsmanager:BatchGetSecretValue","secretsmanager:GetSecretValue"],"Resource":"*"}]}"#;
        let ann = alcazar.user("ann", policy).await;
        ann.secrets("BatchGetSecretValue", json!({"Filters": filter}))
            .await
            .fails("AccessDeniedException");
    }
}
