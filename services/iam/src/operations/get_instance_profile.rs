//! `iam:GetInstanceProfile`: an instance profile with its role.

use iam_api::shapes::{GetInstanceProfileRequest, GetInstanceProfileResponse};
use iam_api::{operations, permission};
use identity::InstanceProfile;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::instance_profile;

pub(crate) struct GetInstanceProfile;

impl Operation for GetInstanceProfile {
    type Api = operations::GetInstanceProfile;
    type Target = Named<InstanceProfile>;

    async fn access(
        input: &GetInstanceProfileRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let profile = Named::<InstanceProfile>::find(look, &input.instance_profile_name).await?;
        let needs = permission::GetInstanceProfile {
            instance_profile: profile.resource(),
        };
        Ok(Access::to(profile, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetInstanceProfileResponse, Failure> {
        let profile = call.target().found()?;
        Ok(GetInstanceProfileResponse {
            instance_profile: instance_profile::shape(call.look(), profile).await?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, profile_with_role, root, server};

    #[tokio::test]
    async fn shows_an_instance_profile() {
        let alcazar = server().await;
        profile_with_role(&alcazar, "Web", "Ops").await;
        let found = root(
            &alcazar,
            "GetInstanceProfile",
            json!({"InstanceProfileName": "web"}),
        )
        .await;
        assert_eq!(found.field("InstanceProfileName"), "Web");
        assert_eq!(found.field("RoleName"), "Ops");
        assert!(
            found.field("AssumeRolePolicyDocument").starts_with("%7B"),
            "{}",
            found.text
        );
        // AWS: absent for a role within an instance profile.
        assert_eq!(found.field("MaxSessionDuration"), "");
        assert!(found.text.contains("<Tags"), "{}", found.text);
        let event = alcazar.event("GetInstanceProfile").await;
        assert_eq!(event["requestParameters"]["instanceProfileName"], "web");
    }

    #[tokio::test]
    async fn none() {
        let alcazar = server().await;
        let input = json!({"InstanceProfileName": "none"});
        let error = ("NoSuchEntity", "Instance Profile none cannot be found.");
        fails(&alcazar, "GetInstanceProfile", input, error).await;
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        denies(
            &alcazar,
            "GetInstanceProfile",
            json!({"InstanceProfileName": "none"}),
        )
        .await;
    }
}
