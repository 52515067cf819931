//! `iam:CreateAccountAlias`: a name for the account, in place of the one it has.

use iam_api::shapes::CreateAccountAliasRequest;
use iam_api::{operations, permission};
use identity::{Account, AccountAlias};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::errors;
use crate::find::account;

pub(crate) struct CreateAccountAlias;

impl Operation for CreateAccountAlias {
    type Api = operations::CreateAccountAlias;
    type Target = ();

    async fn access(
        _: &CreateAccountAliasRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::CreateAccountAlias {}))
    }

    /// AWS: "If you create a new alias, the new alias overwrites the previous alias."
    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let alias = &call.input().account_alias;
        let key = AccountAlias::key_of(alias);
        if call.look().get::<AccountAlias>(&key).await?.is_some() {
            return Err(errors::alias_taken(alias));
        }
        let account = account(call.look()).await?;
        if let Some(former) = &account.alias {
            call.delete::<AccountAlias>(&AccountAlias::key_of(former));
        }
        call.put(AccountAlias {
            alias: alias.clone(),
            account: account.id,
        });
        call.put(Account {
            alias: Some(alias.clone()),
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
    async fn the_newest_counts() {
        let alcazar = server().await;
        for alias in ["acme", "acme-2"] {
            root(
                &alcazar,
                "CreateAccountAlias",
                json!({"AccountAlias": alias}),
            )
            .await;
        }
        let listed = root(&alcazar, "ListAccountAliases", json!({})).await;
        assert_eq!(listed.fields("member"), ["acme-2"]);
        let other = alcazar.other_root();
        iam(
            &other,
            "CreateAccountAlias",
            json!({"AccountAlias": "acme"}),
        )
        .await
        .ok();
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let other = alcazar.other_root();
        iam(
            &other,
            "CreateAccountAlias",
            json!({"AccountAlias": "acme"}),
        )
        .await
        .ok();
        let taken = (
            "EntityAlreadyExists",
            "The account alias acme already exists.",
        );
        fails(
            &alcazar,
            "CreateAccountAlias",
            json!({"AccountAlias": "acme"}),
            taken,
        )
        .await;
        for alias in ["ab", "Acme", "-acme", "acme-", "ac--me", "ac_me"] {
            let answer = iam(&other, "CreateAccountAlias", json!({"AccountAlias": alias})).await;
            answer.fails("ValidationError");
        }
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        denies(
            &alcazar,
            "CreateAccountAlias",
            json!({"AccountAlias": "acme"}),
        )
        .await;
        root(
            &alcazar,
            "CreateAccountAlias",
            json!({"AccountAlias": "acme"}),
        )
        .await;
        let event = alcazar.event("CreateAccountAlias").await;
        assert_eq!(event["requestParameters"]["accountAlias"], "acme");
    }
}
