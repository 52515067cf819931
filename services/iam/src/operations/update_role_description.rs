//! `iam:UpdateRoleDescription`: another description.

use iam_api::shapes::{UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse};
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::attachment::boundary_of;
use crate::find::Named;
use crate::shapes;

pub(crate) struct UpdateRoleDescription;

impl Operation for UpdateRoleDescription {
    type Api = operations::UpdateRoleDescription;
    type Target = Named<Role>;

    async fn access(
        input: &UpdateRoleDescriptionRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::UpdateRoleDescription {
            role: role.resource(),
            permissions_boundary: boundary_of(&role),
        };
        Ok(Access::to(role, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<UpdateRoleDescriptionResponse, Failure> {
        let description = Some(call.input().description.clone());
        let role = Role {
            description: description.filter(|text| !text.is_empty()),
            ..Role::clone(call.target().found()?)
        };
        let answer = shapes::described_role(&role);
        call.put(role);
        Ok(UpdateRoleDescriptionResponse { role: Some(answer) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, iam, role, root, server};

    #[tokio::test]
    async fn answers_the_role() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let input = json!({"RoleName": "ops", "Description": "it"});
        let changed = root(&alcazar, "UpdateRoleDescription", input).await;
        assert_eq!(changed.field("Description"), "it");
        assert_eq!(changed.field("RoleName"), "Ops");
        let got = root(&alcazar, "GetRole", json!({"RoleName": "Ops"})).await;
        assert_eq!(got.field("Description"), "it");
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The role with name Ops cannot be found.");
        let input = json!({"RoleName": "Ops", "Description": "it"});
        fails(&alcazar, "UpdateRoleDescription", input, missing).await;
        let input = json!({"RoleName": "Ops", "Description": "a".repeat(1_001)});
        iam(&alcazar.root(), "UpdateRoleDescription", input)
            .await
            .fails("ValidationError");
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let input = json!({"RoleName": "Ops", "Description": "it"});
        denies(&alcazar, "UpdateRoleDescription", input.clone()).await;
        root(&alcazar, "UpdateRoleDescription", input).await;
        let event = alcazar.event("UpdateRoleDescription").await;
        assert_eq!(event["requestParameters"]["description"], "it");
        assert_eq!(event["responseElements"]["role"]["description"], "it");
    }
}
