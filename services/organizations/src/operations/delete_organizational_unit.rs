//! `organizations:DeleteOrganizationalUnit`: removes a unit in which nothing lies.

use identity::organization::{Child, ChildKind, OrganizationalUnit};
use organizations_api::shapes::DeleteOrganizationalUnitRequest;
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::errors;
use crate::node::{self, Sought};

pub(crate) struct DeleteOrganizationalUnit;

impl Operation for DeleteOrganizationalUnit {
    type Api = operations::DeleteOrganizationalUnit;
    type Target = Sought;

    async fn access(
        input: &DeleteOrganizationalUnitRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let unit = Sought::find(look, &input.organizational_unit_id).await?;
        let organizationalunit = unit.resource();
        let needs = permission::DeleteOrganizationalUnit { organizationalunit };
        Ok(Access::to(unit, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let organization = call.target().standing.manages()?;
        let unit = call
            .target()
            .found_unit()
            .ok_or_else(errors::no_such_unit)?;
        let id = &organization.id;
        let within = Child::prefix(id, &unit.id);
        if !call
            .look()
            .scan::<Child>(&within, None, 1)
            .await?
            .is_empty()
        {
            return Err(errors::unit_not_empty());
        }
        let parent = unit.parent().unwrap_or_default();
        node::unsettle(&call, id, parent, (ChildKind::Unit, &unit.id)).await?;
        call.delete::<OrganizationalUnit>(&OrganizationalUnit::key_of(id, &unit.id));
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, guards, ids, organized};

    const OPERATION: &str = "DeleteOrganizationalUnit";

    #[tokio::test]
    async fn removes_an_empty_unit() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let outer = root.unit(&top, "outer").await;
        let inner = root.unit(&outer, "inner").await;
        let of = |unit: &str| json!({"OrganizationalUnitId": unit});
        root.fails(OPERATION, of(&outer), "OrganizationalUnitNotEmptyException")
            .await;
        root.does(OPERATION, of(&inner)).await;
        root.does(OPERATION, of(&outer)).await;
        root.fails(OPERATION, of(&outer), "OrganizationalUnitNotFoundException")
            .await;
        let used = json!({"PolicyId": "p-FullAWSAccess"});
        let targets = root.does("ListTargetsForPolicy", used).await;
        assert!(!ids(&targets["Targets"], "TargetId").contains(&outer));
        let event = alcazar.event(OPERATION).await;
        assert_eq!(
            event["requestParameters"]["organizationalUnitId"]
                .as_str()
                .map(str::len),
            Some(outer.len())
        );
    }

    #[tokio::test]
    async fn guarded() {
        guards(
            OPERATION,
            json!({"OrganizationalUnitId": "ou-abcd-12345678"}),
        )
        .await;
    }
}
