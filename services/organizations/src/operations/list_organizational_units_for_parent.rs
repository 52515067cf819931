//! `organizations:ListOrganizationalUnitsForParent`: the units in the root or in a unit.

use identity::organization::{ChildKind, OrganizationalUnit};
use organizations_api::shapes::{
    ListOrganizationalUnitsForParentRequest, ListOrganizationalUnitsForParentResponse,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::node::Sought;
use crate::{children, shapes};

pub(crate) struct ListOrganizationalUnitsForParent;

impl Operation for ListOrganizationalUnitsForParent {
    type Api = operations::ListOrganizationalUnitsForParent;
    type Target = Sought;

    async fn access(
        input: &ListOrganizationalUnitsForParentRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let parent = Sought::find(look, &input.parent_id).await?;
        let needs = permission::ListOrganizationalUnitsForParent {
            organizationalunit: parent.unit(),
            root: parent.root(),
        };
        Ok(Access::to(parent, needs))
    }

    async fn run(
        call: Permitted<'_, Self>,
    ) -> Result<ListOrganizationalUnitsForParentResponse, Failure> {
        let (input, look) = (call.input(), call.look());
        let organization = call.target().standing.reads()?;
        let asked = (&input.next_token, input.max_results);
        let page = children::page(look, call.target(), ChildKind::Unit, asked).await?;
        let mut units = Vec::new();
        for child in &page.items {
            let key = OrganizationalUnit::key_of(&organization.id, &child.id);
            let unit = look.get::<OrganizationalUnit>(&key).await?;
            units.extend(unit.map(|unit| shapes::unit(organization, &unit)));
        }
        Ok(ListOrganizationalUnitsForParentResponse {
            organizational_units: Some(units),
            next_token: page.next_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Organizations, guards, ids, organized};

    const OPERATION: &str = "ListOrganizationalUnitsForParent";

    #[tokio::test]
    async fn in_pages() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let mut made = Vec::new();
        for number in 0..5 {
            made.push(root.unit(&top, &number.to_string()).await);
        }
        root.unit(&made[0], "deeper").await;
        made.sort();
        let (mut found, mut token) = (Vec::new(), Value::Null);
        for size in [2, 2, 1] {
            let input = json!({"ParentId": top, "MaxResults": 2, "NextToken": token});
            let page = root.does(OPERATION, input).await;
            let units = ids(&page["OrganizationalUnits"], "Id");
            assert_eq!(units.len(), size);
            found.extend(units);
            token = page["NextToken"].clone();
        }
        assert_eq!((found, token), (made, Value::Null));
        let missing = json!({"ParentId": "ou-abcd-12345678"});
        root.fails(OPERATION, missing, "ParentNotFoundException")
            .await;
        let token = json!({"ParentId": top, "NextToken": "!"});
        let reason = root.reason(OPERATION, token, "InvalidInputException").await;
        assert_eq!(reason, "INVALID_NEXT_TOKEN");
    }

    #[tokio::test]
    async fn guarded() {
        guards(OPERATION, json!({"ParentId": "r-abcd"})).await;
    }
}
