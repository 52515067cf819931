//! `organizations:DescribeCreateAccountStatus`: what became of a CreateAccount request.

use organizations_api::shapes::{
    DescribeCreateAccountStatusRequest, DescribeCreateAccountStatusResponse,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::request::CreateAccountRequest;
use crate::standing::Standing;
use crate::{errors, shapes};

pub(crate) struct DescribeCreateAccountStatus;

impl Operation for DescribeCreateAccountStatus {
    type Api = operations::DescribeCreateAccountStatus;
    type Target = Standing;

    async fn access(
        _: &DescribeCreateAccountStatusRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        Ok(Access::to(
            standing,
            permission::DescribeCreateAccountStatus {},
        ))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<DescribeCreateAccountStatusResponse, Failure> {
        let organization = call.target().reads()?;
        let id = &call.input().create_account_request_id;
        let key = CreateAccountRequest::key_of(&organization.id, id);
        let request = call.look().get::<CreateAccountRequest>(&key).await?;
        let request = request.ok_or_else(errors::no_such_request)?;
        Ok(DescribeCreateAccountStatusResponse {
            create_account_status: Some(shapes::request(&request)),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, guards, organized};

    const OPERATION: &str = "DescribeCreateAccountStatus";

    #[tokio::test]
    async fn tells_again() {
        let (alcazar, _) = organized().await;
        let root = alcazar.root();
        let input = json!({"Email": "dev@example.com", "AccountName": "dev"});
        let made = root.does("CreateAccount", input).await;
        let id = &made["CreateAccountStatus"]["Id"];
        let told = root
            .does(OPERATION, json!({"CreateAccountRequestId": id}))
            .await;
        assert_eq!(told, made);
        let event = alcazar.event(OPERATION).await;
        assert_eq!(&event["requestParameters"]["createAccountRequestId"], id);
        let missing = json!({"CreateAccountRequestId": "car-12345678"});
        root.fails(OPERATION, missing, "CreateAccountStatusNotFoundException")
            .await;
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"CreateAccountRequestId": "car-12345678"})).await;
    }
}
