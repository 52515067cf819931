//! `organizations:DescribeOrganizationalUnit`: one unit.

use organizations_api::shapes::{
    DescribeOrganizationalUnitRequest, DescribeOrganizationalUnitResponse,
};
use organizations_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::node::Sought;
use crate::{errors, shapes};

pub(crate) struct DescribeOrganizationalUnit;

impl Operation for DescribeOrganizationalUnit {
    type Api = operations::DescribeOrganizationalUnit;
    type Target = Sought;

    async fn access(
        input: &DescribeOrganizationalUnitRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let unit = Sought::find(look, &input.organizational_unit_id).await?;
        let organizationalunit = unit.resource();
        let needs = permission::DescribeOrganizationalUnit { organizationalunit };
        Ok(Access::to(unit, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DescribeOrganizationalUnitResponse, Failure> {
        let organization = call.target().standing.reads()?;
        let unit = call
            .target()
            .found_unit()
            .ok_or_else(errors::no_such_unit)?;
        Ok(DescribeOrganizationalUnitResponse {
            organizational_unit: Some(shapes::unit(organization, unit)),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Organizations, guards, organized};

    const OPERATION: &str = "DescribeOrganizationalUnit";

    #[tokio::test]
    async fn tells_of_a_unit() {
        let (alcazar, top) = organized().await;
        let root = alcazar.root();
        let unit = root.unit(&top, "one").await;
        let input = json!({"OrganizationalUnitId": unit});
        let told = root.does(OPERATION, input).await;
        let told = &told["OrganizationalUnit"];
        assert_eq!((&told["Id"], &told["Name"]), (&json!(unit), &json!("one")));
        let event = alcazar.event(OPERATION).await;
        assert_eq!(
            event["requestParameters"]["organizationalUnitId"],
            told["Id"]
        );
        let missing = json!({"OrganizationalUnitId": "ou-abcd-12345678"});
        root.fails(OPERATION, missing, "OrganizationalUnitNotFoundException")
            .await
            .saying("You specified an organizational unit that doesn't exist.");
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
