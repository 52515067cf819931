//! `organizations:ListHandshakesForOrganization`: the invitations of the caller's organization.

use organizations_api::shapes::{
    ListHandshakesForOrganizationRequest, ListHandshakesForOrganizationResponse,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::handshakes;
use crate::standing::Standing;

pub(crate) struct ListHandshakesForOrganization;

impl Operation for ListHandshakesForOrganization {
    type Api = operations::ListHandshakesForOrganization;
    type Target = Standing;

    async fn access(
        _: &ListHandshakesForOrganizationRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        Ok(Access::to(
            standing,
            permission::ListHandshakesForOrganization {},
        ))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<ListHandshakesForOrganizationResponse, Failure> {
        let (input, look) = (call.input(), call.look());
        let asked = (&input.next_token, input.max_results);
        let party = call.target().reads()?.id.clone();
        let page = handshakes::page(look, &party, &input.filter, asked).await?;
        Ok(ListHandshakesForOrganizationResponse {
            handshakes: Some(page.items),
            next_token: page.next_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, guards, ids, invited};

    const OPERATION: &str = "ListHandshakesForOrganization";

    #[tokio::test]
    async fn of_some_kind_or_all() {
        let (alcazar, id) = invited().await;
        let caller = alcazar.root();
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
        guards(OPERATION, json!({})).await;
    }
}
