//! `organizations:ListAccountsForParent`: the accounts in the root or in a unit, not those in units below.

use identity::organization::ChildKind;
use organizations_api::shapes::{ListAccountsForParentRequest, ListAccountsForParentResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::children;
use crate::node::Sought;

pub(crate) struct ListAccountsForParent;

impl Operation for ListAccountsForParent {
    type Api = operations::ListAccountsForParent;
    type Target = Sought;

    async fn access(
        input: &ListAccountsForParentRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let parent = Sought::find(look, &input.parent_id).await?;
        let needs = permission::ListAccountsForParent {
            organizationalunit: parent.unit(),
            root: parent.root(),
        };
        Ok(Access::to(parent, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListAccountsForParentResponse, Failure> {
        let (input, look, parent) = (call.input(), call.look(), call.target());
        let asked = (&input.next_token, input.max_results);
        let page = children::page(look, parent, ChildKind::Account, asked).await?;
        Ok(ListAccountsForParentResponse {
            accounts: Some(children::accounts(look, &parent.standing, &page.items).await?),
            next_token: page.next_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, Organizations, guards, ids, organized};

    const OPERATION: &str = "ListAccountsForParent";

    #[tokio::test]
    async fn of_this_parent_alone() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let unit = root.unit(&top, "one").await;
        let id = root.account("dev").await;
        let input = json!({"AccountId": id, "SourceParentId": top, "DestinationParentId": unit});
        root.does("MoveAccount", input).await;
        for (parent, account) in [(&top, MANAGEMENT), (&unit, id.as_str())] {
            let listed = root.does(OPERATION, json!({"ParentId": parent})).await;
            assert_eq!(ids(&listed["Accounts"], "Id"), [account]);
        }
        let missing = json!({"ParentId": "ou-abcd-12345678"});
        root.fails(OPERATION, missing, "ParentNotFoundException")
            .await;
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"ParentId": "r-abcd"})).await;
    }
}
