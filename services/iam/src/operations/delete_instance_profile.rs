//! `iam:DeleteInstanceProfile`: removes an instance profile that holds no role.

use iam_api::shapes::DeleteInstanceProfileRequest;
use iam_api::{operations, permission};
use identity::InstanceProfile;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::errors;
use crate::find::Named;

pub(crate) struct DeleteInstanceProfile;

impl Operation for DeleteInstanceProfile {
    type Api = operations::DeleteInstanceProfile;
    type Target = Named<InstanceProfile>;

    async fn access(
        input: &DeleteInstanceProfileRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let profile = Named::<InstanceProfile>::find(look, &input.instance_profile_name).await?;
        let needs = permission::DeleteInstanceProfile {
            instance_profile: profile.resource(),
        };
        Ok(Access::to(profile, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let profile = call.target().found()?;
        if profile.role.is_some() {
            return Err(errors::must_first("remove roles from instance profile"));
        }
        call.delete::<InstanceProfile>(&profile.key());
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, profile_with_role, root, server};

    #[tokio::test]
    async fn removes_an_instance_profile() {
        let alcazar = server().await;
        profile_with_role(&alcazar, "Web", "Ops").await;
        let input = json!({"InstanceProfileName": "Web"});
        let message = "Cannot delete entity, must remove roles from instance profile first.";
        fails(
            &alcazar,
            "DeleteInstanceProfile",
            input.clone(),
            ("DeleteConflict", message),
        )
        .await;
        let remove = json!({"InstanceProfileName": "Web", "RoleName": "Ops"});
        root(&alcazar, "RemoveRoleFromInstanceProfile", remove).await;
        root(&alcazar, "DeleteInstanceProfile", input.clone()).await;
        let event = alcazar.event("DeleteInstanceProfile").await;
        assert_eq!(event["requestParameters"]["instanceProfileName"], "Web");
        let error = ("NoSuchEntity", "Instance Profile Web cannot be found.");
        fails(&alcazar, "DeleteInstanceProfile", input, error).await;
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        denies(
            &alcazar,
            "DeleteInstanceProfile",
            json!({"InstanceProfileName": "none"}),
        )
        .await;
    }
}
