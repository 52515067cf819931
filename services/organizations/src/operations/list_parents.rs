//! `organizations:ListParents`: what a unit or account lies in, which is one.

use organizations_api::shapes::{ListParentsRequest, ListParentsResponse, Parent, ParentType};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::errors;
use crate::node::Sought;
use crate::paging::Asked;

pub(crate) struct ListParents;

impl Operation for ListParents {
    type Api = operations::ListParents;
    type Target = Sought;

    async fn access(
        input: &ListParentsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let child = Sought::find(look, &input.child_id).await?;
        let needs = permission::ListParents {
            account: child.account(),
            organizationalunit: child.unit(),
        };
        Ok(Access::to(child, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListParentsResponse, Failure> {
        let (input, child) = (call.input(), call.target());
        let organization = child.standing.reads()?;
        let parent = child.node.as_ref().and_then(|node| node.parent());
        let parent = parent.ok_or_else(errors::no_such_child)?;
        let asked = Asked::read(&input.next_token, input.max_results)?;
        let page = asked.of_all([parent], |parent| (*parent).to_owned());
        let parents = page.items.iter().map(|parent| Parent {
            id: Some((*parent).to_owned()),
            type_: Some(match **parent == organization.root {
                true => ParentType::Root,
                false => ParentType::OrganizationalUnit,
            }),
        });
        Ok(ListParentsResponse {
            parents: Some(parents.collect()),
            next_token: page.next_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, Organizations, guards, organized};

    const OPERATION: &str = "ListParents";

    #[tokio::test]
    async fn everything_has_one() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let outer = root.unit(&top, "outer").await;
        let inner = root.unit(&outer, "inner").await;
        for (child, parent, kind) in [
            (MANAGEMENT, &top, "ROOT"),
            (&outer, &top, "ROOT"),
            (&inner, &outer, "ORGANIZATIONAL_UNIT"),
        ] {
            let listed = root.does(OPERATION, json!({"ChildId": child})).await;
            assert_eq!(listed, json!({"Parents": [{"Id": parent, "Type": kind}]}));
        }
        for missing in ["ou-abcd-12345678", harness::OTHER_ACCOUNT] {
            let input = json!({"ChildId": missing});
            root.fails(OPERATION, input, "ChildNotFoundException").await;
        }
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"ChildId": MANAGEMENT})).await;
    }
}
