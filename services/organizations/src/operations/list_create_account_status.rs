//! `organizations:ListCreateAccountStatus`: the CreateAccount requests of the organization.

use organizations_api::shapes::{
    CreateAccountState, ListCreateAccountStatusRequest, ListCreateAccountStatusResponse,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::paging::{Asked, Listing};
use crate::request::{CreateAccountRequest, Ended};
use crate::shapes;
use crate::standing::Standing;

pub(crate) struct ListCreateAccountStatus;

impl Operation for ListCreateAccountStatus {
    type Api = operations::ListCreateAccountStatus;
    type Target = Standing;

    async fn access(
        _: &ListCreateAccountStatusRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        Ok(Access::to(standing, permission::ListCreateAccountStatus {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListCreateAccountStatusResponse, Failure> {
        let input = call.input();
        let organization = call.target().reads()?;
        let asked = Asked::read(&input.next_token, input.max_results)?;
        let states = input.states.as_deref().unwrap_or_default();
        let prefix = CreateAccountRequest::prefix(&organization.id);
        let listing = Listing {
            wanted: &|it: &CreateAccountRequest| states.is_empty() || states.contains(&state(it)),
            name: &|it: &CreateAccountRequest| it.id.clone(),
            key: &|name: &str| prefix.clone().then(name),
        };
        let page = asked.below(call.look(), &prefix, &listing).await?;
        let statuses = page.items.iter().map(|it| shapes::request(it));
        Ok(ListCreateAccountStatusResponse {
            create_account_statuses: Some(statuses.collect()),
            next_token: page.next_token,
        })
    }
}

fn state(request: &CreateAccountRequest) -> CreateAccountState {
    match request.ended {
        Ended::Made(_) => CreateAccountState::Succeeded,
        Ended::EmailExists => CreateAccountState::Failed,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, guards, ids, organized};

    const OPERATION: &str = "ListCreateAccountStatus";

    #[tokio::test]
    async fn of_every_state_or_of_some() {
        let (alcazar, _) = organized().await;
        let root = alcazar.root();
        for email in ["a@example.com", "a@example.com", "b@example.com"] {
            let input = json!({"Email": email, "AccountName": "dev"});
            root.does("CreateAccount", input).await;
        }
        for (states, count) in [
            (json!([]), 3),
            (json!(["SUCCEEDED"]), 2),
            (json!(["FAILED"]), 1),
            (json!(["IN_PROGRESS"]), 0),
            (json!(["FAILED", "SUCCEEDED"]), 3),
        ] {
            let listed = root.does(OPERATION, json!({"States": states})).await;
            let found = ids(&listed["CreateAccountStatuses"], "Id");
            assert_eq!(found.len(), count, "{states}");
        }
        let reason = root.reason(
            OPERATION,
            json!({"NextToken": "!"}),
            "InvalidInputException",
        );
        assert_eq!(reason.await, "INVALID_NEXT_TOKEN");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({})).await;
    }
}
