//! `iam:UpdateRole`: another description or longest session.

use iam_api::shapes::{UpdateRoleRequest, UpdateRoleResponse};
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::attachment::boundary_of;
use crate::find::Named;
use crate::service_linked_role;

pub(crate) struct UpdateRole;

impl Operation for UpdateRole {
    type Api = operations::UpdateRole;
    type Target = Named<Role>;

    async fn access(input: &UpdateRoleRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::UpdateRole {
            role: role.resource(),
            permissions_boundary: boundary_of(&role),
        };
        Ok(Access::to(role, needs))
    }

    /// AWS: what is not given stays as it is.
    async fn run(call: Permitted<'_, Self>) -> Result<UpdateRoleResponse, Failure> {
        let mut role = Role::clone(call.target().found()?);
        if let Some(description) = &call.input().description {
            role.description = Some(description.clone()).filter(|text| !text.is_empty());
        }
        if let Some(seconds) = call.input().max_session_duration {
            // AWS: of a role that is linked to a service only the description can be changed.
            service_linked_role::check_modifiable(&role)?;
            role.max_session_duration = seconds;
        }
        call.put(role);
        Ok(UpdateRoleResponse {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, iam, role, root, server};

    #[tokio::test]
    async fn changes_what_is_given() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        for (input, description, seconds) in [
            (
                json!({"RoleName": "ops", "Description": "it"}),
                "it",
                "3600",
            ),
            (
                json!({"RoleName": "ops", "MaxSessionDuration": 7200}),
                "it",
                "7200",
            ),
            (json!({"RoleName": "ops"}), "it", "7200"),
            (json!({"RoleName": "ops", "Description": ""}), "", "7200"),
        ] {
            root(&alcazar, "UpdateRole", input).await;
            let got = root(&alcazar, "GetRole", json!({"RoleName": "Ops"})).await;
            assert_eq!(got.field("Description"), description);
            assert_eq!(got.field("MaxSessionDuration"), seconds);
        }
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The role with name Ops cannot be found.");
        fails(&alcazar, "UpdateRole", json!({"RoleName": "Ops"}), missing).await;
        let input = json!({"RoleName": "Ops", "MaxSessionDuration": 43_201});
        iam(&alcazar.root(), "UpdateRole", input)
            .await
            .fails("ValidationError");
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let input = json!({"RoleName": "Ops", "MaxSessionDuration": 7200});
        denies(&alcazar, "UpdateRole", input.clone()).await;
        root(&alcazar, "UpdateRole", input).await;
        let event = alcazar.event("UpdateRole").await;
        assert_eq!(event["requestParameters"]["maxSessionDuration"], 7200);
    }
}
