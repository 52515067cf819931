//! `iam:ListAccountAliases`: the alias of the account, if it has one.

use iam_api::shapes::{ListAccountAliasesRequest, ListAccountAliasesResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::account;
use crate::paging::Paging;

pub(crate) struct ListAccountAliases;

impl Operation for ListAccountAliases {
    type Api = operations::ListAccountAliases;
    type Target = Paging;

    async fn access(
        input: &ListAccountAliasesRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        Ok(Access::to(paging, permission::ListAccountAliases {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListAccountAliasesResponse, Failure> {
        let account = account(call.look()).await?;
        let page = call.target().list(account.alias.clone(), String::clone);
        Ok(ListAccountAliasesResponse {
            is_truncated: page.is_truncated(),
            account_aliases: page.items,
            marker: page.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, iam, root, server};

    #[tokio::test]
    async fn of_the_own_account() {
        let alcazar = server().await;
        let other = alcazar.other_root();
        iam(
            &other,
            "CreateAccountAlias",
            json!({"AccountAlias": "other"}),
        )
        .await
        .ok();
        let listed = root(&alcazar, "ListAccountAliases", json!({})).await;
        assert!(listed.fields("member").is_empty());
        assert_eq!(listed.field("IsTruncated"), "false");
        root(
            &alcazar,
            "CreateAccountAlias",
            json!({"AccountAlias": "acme"}),
        )
        .await;
        let listed = root(&alcazar, "ListAccountAliases", json!({})).await;
        assert_eq!(listed.fields("member"), ["acme"]);
        let error = ("ValidationError", "Invalid Marker.");
        fails(
            &alcazar,
            "ListAccountAliases",
            json!({"Marker": "%"}),
            error,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        denies(&alcazar, "ListAccountAliases", json!({})).await;
        root(&alcazar, "ListAccountAliases", json!({})).await;
        let event = alcazar.event("ListAccountAliases").await;
        assert_eq!(event["readOnly"], true);
    }
}
