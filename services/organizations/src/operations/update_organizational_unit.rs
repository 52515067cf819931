//! `organizations:UpdateOrganizationalUnit`: gives a unit another name.

use identity::organization::OrganizationalUnit;
use organizations_api::shapes::{
    UpdateOrganizationalUnitRequest, UpdateOrganizationalUnitResponse,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::node::Sought;
use crate::{errors, shapes, units};

pub(crate) struct UpdateOrganizationalUnit;

impl Operation for UpdateOrganizationalUnit {
    type Api = operations::UpdateOrganizationalUnit;
    type Target = Sought;

    async fn access(
        input: &UpdateOrganizationalUnitRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let unit = Sought::find(look, &input.organizational_unit_id).await?;
        let organizationalunit = unit.resource();
        let needs = permission::UpdateOrganizationalUnit { organizationalunit };
        Ok(Access::to(unit, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<UpdateOrganizationalUnitResponse, Failure> {
        let organization = call.target().standing.manages()?;
        let unit = call
            .target()
            .found_unit()
            .ok_or_else(errors::no_such_unit)?;
        let mut unit = OrganizationalUnit::clone(unit);
        if let Some(name) = call
            .input()
            .name
            .as_ref()
            .filter(|name| **name != unit.name)
        {
            let parent = unit.parent().unwrap_or_default();
            units::check_name(call.look(), organization, parent, name).await?;
            unit.name.clone_from(name);
        }
        let answer = shapes::unit(organization, &unit);
        call.put(unit);
        Ok(UpdateOrganizationalUnitResponse {
            organizational_unit: Some(answer),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, guards, organized};

    const OPERATION: &str = "UpdateOrganizationalUnit";

    #[tokio::test]
    async fn renames() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let unit = root.unit(&top, "one").await;
        root.unit(&top, "two").await;
        for (name, now) in [
            (json!("three"), "three"),
            (json!("three"), "three"),
            (json!(null), "three"),
        ] {
            let input = json!({"OrganizationalUnitId": unit, "Name": name});
            let made = root.does(OPERATION, input).await;
            assert_eq!(made["OrganizationalUnit"]["Name"], now);
        }
        let event = alcazar.event(OPERATION).await;
        assert_eq!(
            event["responseElements"]["organizationalUnit"]["name"],
            "three"
        );
        let taken = json!({"OrganizationalUnitId": unit, "Name": "two"});
        root.fails(OPERATION, taken, "DuplicateOrganizationalUnitException")
            .await;
        let missing = json!({"OrganizationalUnitId": "ou-abcd-12345678", "Name": "x"});
        root.fails(OPERATION, missing, "OrganizationalUnitNotFoundException")
            .await;
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
