//! `iam:DeleteAccountAlias`: the account without its alias.

use iam_api::shapes::DeleteAccountAliasRequest;
use iam_api::{operations, permission};
use identity::{Account, AccountAlias};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::errors;
use crate::find::account;

pub(crate) struct DeleteAccountAlias;

impl Operation for DeleteAccountAlias {
    type Api = operations::DeleteAccountAlias;
    type Target = ();

    async fn access(
        _: &DeleteAccountAliasRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::DeleteAccountAlias {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let alias = &call.input().account_alias;
        let account = account(call.look()).await?;
        if account.alias.as_ref() != Some(alias) {
            return Err(errors::no_such_alias(alias));
        }
        call.delete::<AccountAlias>(&AccountAlias::key_of(alias));
        call.put(Account {
            alias: None,
            ..Account::clone(&account)
        });
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, iam, root, server};

    #[tokio::test]
    async fn frees_the_alias() {
        let alcazar = server().await;
        root(
            &alcazar,
            "CreateAccountAlias",
            json!({"AccountAlias": "acme"}),
        )
        .await;
        root(
            &alcazar,
            "DeleteAccountAlias",
            json!({"AccountAlias": "acme"}),
        )
        .await;
        let listed = root(&alcazar, "ListAccountAliases", json!({})).await;
        assert!(listed.fields("member").is_empty());
        let other = alcazar.other_root();
        iam(
            &other,
            "CreateAccountAlias",
            json!({"AccountAlias": "acme"}),
        )
        .await
        .ok();
        let missing = ("NoSuchEntity", "The account alias acme cannot be found.");
        fails(
            &alcazar,
            "DeleteAccountAlias",
            json!({"AccountAlias": "acme"}),
            missing,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        root(
            &alcazar,
            "CreateAccountAlias",
            json!({"AccountAlias": "acme"}),
        )
        .await;
        denies(
            &alcazar,
            "DeleteAccountAlias",
            json!({"AccountAlias": "acme"}),
        )
        .await;
        root(
            &alcazar,
            "DeleteAccountAlias",
            json!({"AccountAlias": "acme"}),
        )
        .await;
        let event = alcazar.event("DeleteAccountAlias").await;
        assert_eq!(event["requestParameters"]["accountAlias"], "acme");
    }
}
