//! `iam:RemoveRoleFromInstanceProfile`: takes the role out of an instance profile.

use iam_api::shapes::RemoveRoleFromInstanceProfileRequest;
use iam_api::{operations, permission};
use identity::{InstanceProfile, Role};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::errors;
use crate::find::Named;

pub(crate) struct RemoveRoleFromInstanceProfile;

impl Operation for RemoveRoleFromInstanceProfile {
    type Api = operations::RemoveRoleFromInstanceProfile;
    type Target = (Named<InstanceProfile>, Named<Role>);

    async fn access(
        input: &RemoveRoleFromInstanceProfileRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let profile = Named::<InstanceProfile>::find(look, &input.instance_profile_name).await?;
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let needs = permission::RemoveRoleFromInstanceProfile {
            instance_profile: profile.resource(),
        };
        Ok(Access::to((profile, role), needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (profile, role) = call.target();
        let (profile, role) = (profile.found()?, role.modifiable()?);
        if profile.role.as_ref() != Some(&role.name) {
            return Err(errors::role_not_in_instance_profile(
                &role.name,
                &profile.name,
            ));
        }
        call.put(InstanceProfile {
            role: None,
            ..InstanceProfile::clone(profile)
        });
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, profile_with_role, role, root, server};

    #[tokio::test]
    async fn removes_a_role() {
        let alcazar = server().await;
        profile_with_role(&alcazar, "Web", "Ops").await;
        let input = json!({"InstanceProfileName": "web", "RoleName": "ops"});
        root(&alcazar, "RemoveRoleFromInstanceProfile", input).await;
        let found = root(
            &alcazar,
            "GetInstanceProfile",
            json!({"InstanceProfileName": "Web"}),
        )
        .await;
        assert!(found.fields("RoleName").is_empty());
        let event = alcazar.event("RemoveRoleFromInstanceProfile").await;
        assert_eq!(event["requestParameters"]["roleName"], "ops");
    }

    #[tokio::test]
    async fn errors() {
        let alcazar = server().await;
        profile_with_role(&alcazar, "Web", "Ops").await;
        role(&alcazar, "Dev").await;
        for (profile, role, message) in [
            ("none", "Ops", "Instance Profile none cannot be found."),
            ("Web", "none", "The role with name none cannot be found."),
            (
                "Web",
                "Dev",
                "Role Dev in Instance Profile Web cannot be found.",
            ),
        ] {
            let input = json!({"InstanceProfileName": profile, "RoleName": role});
            let error = ("NoSuchEntity", message);
            fails(&alcazar, "RemoveRoleFromInstanceProfile", input, error).await;
        }
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        let input = json!({"InstanceProfileName": "Web", "RoleName": "Ops"});
        denies(&alcazar, "RemoveRoleFromInstanceProfile", input).await;
    }
}
