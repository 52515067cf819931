//! `iam:GetRole`: a role and its trust policy.

use iam_api::shapes::{GetRoleRequest, GetRoleResponse};
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::attachment::boundary_of;
use crate::find::Named;
use crate::shapes;

pub(crate) struct GetRole;

impl Operation for GetRole {
    type Api = operations::GetRole;
    type Target = Named<Role>;

    async fn access(input: &GetRoleRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::GetRole {
            role: role.resource(),
            permissions_boundary: boundary_of(&role),
        };
        Ok(Access::to(role, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetRoleResponse, Failure> {
        let role = shapes::role(call.target().found()?);
        Ok(GetRoleResponse { role })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, iam, policy, role, root, server};

    #[tokio::test]
    async fn with_everything() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let got = root(&alcazar, "GetRole", json!({"RoleName": "OPS"})).await;
        assert_eq!(got.field("RoleName"), "Ops");
        assert_eq!(got.field("MaxSessionDuration"), "3600");
        assert!(
            got.field("AssumeRolePolicyDocument")
                .contains("ec2.amazonaws.com")
        );
        assert!(!got.text.contains("Description") && !got.text.contains("Tags"));
        let missing = ("NoSuchEntity", "The role with name none cannot be found.");
        fails(&alcazar, "GetRole", json!({"RoleName": "none"}), missing).await;
    }

    #[tokio::test]
    async fn the_trust_policy_does_not_let_anyone_see_the_role() {
        let alcazar = server().await;
        // Everyone may assume the role that this makes.
        alcazar
            .role_session("Open", &policy("iam:ListRoles", 1))
            .await;
        let powerless = alcazar.powerless().await;
        iam(&powerless, "GetRole", json!({"RoleName": "Open"}))
            .await
            .fails("AccessDenied");
        let reader = alcazar.user("reader", &policy("iam:GetRole", 1)).await;
        iam(&reader, "GetRole", json!({"RoleName": "Open"}))
            .await
            .ok();
    }

    #[tokio::test]
    async fn tags_and_boundaries_are_conditions() {
        let alcazar = server().await;
        let conditional = |condition: &str| {
            let with = format!(r#""Resource":"*","Condition":{{"StringEquals":{condition}}}"#);
            policy("iam:GetRole", 1).replace(r#""Resource":"*""#, &with)
        };
        let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        let tags = json!([{"Key": "team", "Value": "x"}]);
        root(
            &alcazar,
            "CreateRole",
            json!({
                "RoleName": "Ops", "AssumeRolePolicyDocument": crate::testing::TRUST,
                "Tags": tags, "PermissionsBoundary": boundary,
            }),
        )
        .await;
        role(&alcazar, "Plain").await;
        for (name, condition) in [
            ("tags", r#"{"aws:ResourceTag/team":"x"}"#.to_owned()),
            (
                "bounds",
                format!(r#"{{"iam:PermissionsBoundary":"{boundary}"}}"#),
            ),
        ] {
            let reader = alcazar.user(name, &conditional(&condition)).await;
            iam(&reader, "GetRole", json!({"RoleName": "Ops"}))
                .await
                .ok();
            iam(&reader, "GetRole", json!({"RoleName": "Plain"}))
                .await
                .fails("AccessDenied");
        }
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        denies(&alcazar, "GetRole", json!({"RoleName": "Ops"})).await;
        root(&alcazar, "GetRole", json!({"RoleName": "Ops"})).await;
        let event = alcazar.event("GetRole").await;
        assert_eq!(event["requestParameters"]["roleName"], "Ops");
    }
}
