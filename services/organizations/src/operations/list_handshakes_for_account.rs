//! `organizations:ListHandshakesForAccount`: the invitations of the caller's account, whichever organization they come from.

use organizations_api::shapes::{
    ListHandshakesForAccountRequest, ListHandshakesForAccountResponse,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::handshakes;
use crate::standing::Standing;

pub(crate) struct ListHandshakesForAccount;

impl Operation for ListHandshakesForAccount {
    type Api = operations::ListHandshakesForAccount;
    type Target = Standing;

    async fn access(
        _: &ListHandshakesForAccountRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        Ok(Access::to(
            standing,
            permission::ListHandshakesForAccount {},
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListHandshakesForAccountResponse, Failure> {
        let (input, look) = (call.input(), call.look());
        let asked = (&input.next_token, input.max_results);
        let party = look.call().account().to_string();
        let page = handshakes::page(look, &party, &input.filter, asked).await?;
        Ok(ListHandshakesForAccountResponse {
            handshakes: Some(page.items),
            next_token: page.next_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, denies, ids, invited, organized};

    const OPERATION: &str = "ListHandshakesForAccount";

    #[tokio::test]
    async fn of_some_kind_or_all() {
        let (alcazar, id) = invited().await;
        let caller = alcazar.other_root();
        for (filter, count) in [
            (json!({}), 1),
            (json!({"ActionType": "INVITE"}), 1),
            (json!({"ActionType": "ENABLE_ALL_FEATURES"}), 0),
            (json!({"ParentHandshakeId": id}), 0),
        ] {
            let listed = caller.does(OPERATION, json!({"Filter": filter})).await;
            assert_eq!(ids(&listed["Handshakes"], "Id").len(), count, "{filter}");
        }
        let both = json!({"Filter": {"ActionType": "INVITE", "ParentHandshakeId": id}});
        for (input, reason) in [
            (both, "MAX_LIMIT_EXCEEDED_FILTER"),
            (json!({"NextToken": "!"}), "INVALID_NEXT_TOKEN"),
        ] {
            let found = caller
                .reason(OPERATION, input, "InvalidInputException")
                .await;
            assert_eq!(found, reason);
        }
    }

    #[tokio::test]
    async fn guarded() {
        denies(&organized().await.0, OPERATION, json!({})).await;
    }
}
