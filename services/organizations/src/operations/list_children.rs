//! `organizations:ListChildren`: ids of the units or accounts in the root or in a unit.

use identity::organization::ChildKind;
use organizations_api::shapes::{Child, ChildType, ListChildrenRequest, ListChildrenResponse};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::children;
use crate::node::Sought;

pub(crate) struct ListChildren;

impl Operation for ListChildren {
    type Api = operations::ListChildren;
    type Target = Sought;

    async fn access(
        input: &ListChildrenRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let parent = Sought::find(look, &input.parent_id).await?;
        let needs = permission::ListChildren {
            organizationalunit: parent.unit(),
            root: parent.root(),
        };
        Ok(Access::to(parent, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListChildrenResponse, Failure> {
        let input = call.input();
        let kind = match input.child_type {
            ChildType::Account => ChildKind::Account,
            ChildType::OrganizationalUnit => ChildKind::Unit,
        };
        let asked = (&input.next_token, input.max_results);
        let page = children::page(call.look(), call.target(), kind, asked).await?;
        let children = page.items.iter().map(|child| Child {
            id: Some(child.id.clone()),
            type_: Some(input.child_type),
        });
        Ok(ListChildrenResponse {
            children: Some(children.collect()),
            next_token: page.next_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, Organizations, guards, organized};

    const OPERATION: &str = "ListChildren";

    #[tokio::test]
    async fn of_either_kind() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let unit = root.unit(&top, "one").await;
        for (kind, id) in [("ACCOUNT", MANAGEMENT), ("ORGANIZATIONAL_UNIT", &unit)] {
            let listed = root
                .does(OPERATION, json!({"ParentId": top, "ChildType": kind}))
                .await;
            assert_eq!(listed, json!({"Children": [{"Id": id, "Type": kind}]}));
        }
        let missing = json!({"ParentId": "ou-abcd-12345678", "ChildType": "ACCOUNT"});
        root.fails(OPERATION, missing, "ParentNotFoundException")
            .await;
    }

    #[tokio::test]
    async fn guarded() {
        guards(
            OPERATION,
            json!({"ParentId": "r-abcd", "ChildType": "ACCOUNT"}),
        )
        .await;
    }
}
