//! `organizations:ListAccounts`: every account of the organization.

use identity::organization::{Child, ChildKind};
use organizations_api::shapes::{ListAccountsRequest, ListAccountsResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Key;

use crate::children;
use crate::paging::{Asked, Listing};
use crate::standing::Standing;

pub(crate) struct ListAccounts;

impl Operation for ListAccounts {
    type Api = operations::ListAccounts;
    type Target = Standing;

    async fn access(_: &ListAccountsRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let standing = Standing::of_caller(look).await?;
        Ok(Access::to(standing, permission::ListAccounts {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListAccountsResponse, Failure> {
        let (input, look) = (call.input(), call.look());
        let id = &call.target().reads()?.id;
        let listing = Listing {
            wanted: &|child: &Child| child.kind == ChildKind::Account,
            name: &|child: &Child| format!("{}/{}", child.parent, child.id),
            key: &|name: &str| {
                let (parent, account) = name.split_once('/').unwrap_or((name, ""));
                Child::key_of(id, parent, ChildKind::Account, account)
            },
        };
        let asked = Asked::read(&input.next_token, input.max_results)?;
        let page = asked.below(look, &Key::root().then(id), &listing).await?;
        Ok(ListAccountsResponse {
            accounts: Some(children::accounts(look, call.target(), &page.items).await?),
            next_token: page.next_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{MANAGEMENT, Organizations, guards, ids, organized};

    const OPERATION: &str = "ListAccounts";

    #[tokio::test]
    async fn wherever_they_lie() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let unit = root.unit(&top, "one").await;
        let mut made = vec![MANAGEMENT.to_owned()];
        for number in 0..4 {
            let id = root.account(&format!("account{number}")).await;
            if number % 2 == 0 {
                let input =
                    json!({"AccountId": id, "SourceParentId": top, "DestinationParentId": unit});
                root.does("MoveAccount", input).await;
            }
            made.push(id);
        }
        made.sort();
        let (mut found, mut token) = (Vec::new(), Value::Null);
        for size in [2, 2, 1] {
            let page = root
                .does(OPERATION, json!({"MaxResults": 2, "NextToken": token}))
                .await;
            let accounts = ids(&page["Accounts"], "Id");
            assert_eq!(accounts.len(), size);
            found.extend(accounts);
            token = page["NextToken"].clone();
        }
        found.sort();
        assert_eq!((found, token), (made, Value::Null));
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
