//! `iam:DeleteRole`: the end of a role without policies and instance profiles.

use iam_api::shapes::DeleteRoleRequest;
use iam_api::{operations, permission};
use identity::{Attachment, InstanceProfile, Role};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::attachment::{Use, boundary_of, row};
use crate::find::Named;
use crate::{errors, names};

pub(crate) struct DeleteRole;

impl Operation for DeleteRole {
    type Api = operations::DeleteRole;
    type Target = Named<Role>;

    async fn access(input: &DeleteRoleRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::DeleteRole {
            role: role.resource(),
            permissions_boundary: boundary_of(&role),
        };
        Ok(Access::to(role, needs))
    }

    /// AWS: a permissions boundary does not keep a role.
    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let role = call.target().modifiable()?;
        if is_in_instance_profile(call.look(), role).await? {
            return Err(errors::must_first("remove roles from instance profile"));
        }
        if !role.attached.is_empty() {
            return Err(errors::must_first("detach all policies"));
        }
        if !role.inline.is_empty() {
            return Err(errors::must_first("delete policies"));
        }
        if let Some(boundary) = &role.boundary {
            call.delete::<Attachment>(&row(&**role, boundary, Use::Boundary).key());
        }
        call.delete::<Role>(&role.key());
        Ok(Empty {})
    }
}

/// Reads every instance profile of the account: nothing else knows which of them have a role.
async fn is_in_instance_profile(look: &Lookup<'_>, role: &Role) -> Result<bool, Failure> {
    let prefix = InstanceProfile::prefix(role.account);
    let profiles = look
        .scan::<InstanceProfile>(&prefix, None, usize::MAX)
        .await?;
    let mut roles = profiles
        .iter()
        .filter_map(|profile| profile.role.as_deref());
    Ok(roles.any(|name| names::same(name, &role.name)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{TRUST, denies, fails, policy, role, root, server};

    const POLICY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    #[tokio::test]
    async fn what_a_role_has_must_go_first() {
        let alcazar = server().await;
        let ops = json!({"RoleName": "Ops"});
        let input = json!({"RoleName": "Ops", "AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": POLICY});
        root(&alcazar, "CreateRole", input).await;
        root(
            &alcazar,
            "CreateInstanceProfile",
            json!({"InstanceProfileName": "web"}),
        )
        .await;
        let profile = json!({"InstanceProfileName": "web", "RoleName": "Ops"});
        root(&alcazar, "AddRoleToInstanceProfile", profile.clone()).await;
        let attached = json!({"RoleName": "Ops", "PolicyArn": POLICY});
        root(&alcazar, "AttachRolePolicy", attached.clone()).await;
        let input =
            json!({"RoleName": "Ops", "PolicyName": "p", "PolicyDocument": policy("iam:*", 1)});
        root(&alcazar, "PutRolePolicy", input).await;
        for (first, operation, input) in [
            (
                "remove roles from instance profile",
                "RemoveRoleFromInstanceProfile",
                profile,
            ),
            ("detach all policies", "DetachRolePolicy", attached),
            (
                "delete policies",
                "DeleteRolePolicy",
                json!({"RoleName": "Ops", "PolicyName": "p"}),
            ),
        ] {
            let message = format!("Cannot delete entity, must {first} first.");
            fails(
                &alcazar,
                "DeleteRole",
                ops.clone(),
                ("DeleteConflict", &message),
            )
            .await;
            root(&alcazar, operation, input).await;
        }
        root(&alcazar, "DeleteRole", ops.clone()).await;
        let missing = ("NoSuchEntity", "The role with name Ops cannot be found.");
        fails(&alcazar, "DeleteRole", ops, missing).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        denies(&alcazar, "DeleteRole", json!({"RoleName": "Ops"})).await;
        root(&alcazar, "DeleteRole", json!({"RoleName": "Ops"})).await;
        let event = alcazar.event("DeleteRole").await;
        assert_eq!(event["requestParameters"]["roleName"], "Ops");
    }
}
