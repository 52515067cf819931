//! `iam:AddRoleToInstanceProfile`: puts a role into an instance profile, which holds one at most.

use iam_api::shapes::AddRoleToInstanceProfileRequest;
use iam_api::{operations, permission};
use identity::{InstanceProfile, Role};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::errors;
use crate::find::Named;

pub(crate) struct AddRoleToInstanceProfile;

impl Operation for AddRoleToInstanceProfile {
    type Api = operations::AddRoleToInstanceProfile;
    type Target = (Named<InstanceProfile>, Named<Role>);

    async fn access(
        input: &AddRoleToInstanceProfileRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let profile = Named::<InstanceProfile>::find(look, &input.instance_profile_name).await?;
        let role = Named::<Role>::find(look, &input.role_name).await?;
        let add = permission::AddRoleToInstanceProfile {
            instance_profile: profile.resource(),
        };
        // AWS: "The caller of this operation must be granted the PassRole permission on the IAM role".
        let pass = permission::PassRole {
            role: role.resource(),
            associated_resource_arn: None,
            passed_to_service: Some("ec2.amazonaws.com".into()),
        };
        Ok(Access::to((profile, role), add).and(pass))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (profile, role) = call.target();
        let (profile, role) = (profile.found()?, role.modifiable()?);
        if profile.role.is_some() {
            return Err(errors::quota_exceeded(
                "InstanceSessionsPerInstanceProfile",
                1,
            ));
        }
        call.put(InstanceProfile {
            role: Some(role.name.clone()),
            ..InstanceProfile::clone(profile)
        });
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, iam, policy, profile_with_role, role, root, server};

    #[tokio::test]
    async fn adds_a_role() {
        let alcazar = server().await;
        profile_with_role(&alcazar, "Web", "Ops").await;
        let found = root(
            &alcazar,
            "GetInstanceProfile",
            json!({"InstanceProfileName": "Web"}),
        )
        .await;
        assert_eq!(found.fields("RoleName"), ["Ops"]);
        let event = alcazar.event("AddRoleToInstanceProfile").await;
        assert_eq!(event["requestParameters"]["roleName"], "Ops");
        assert_eq!(event["requestParameters"]["instanceProfileName"], "Web");
    }

    #[tokio::test]
    async fn errors() {
        let alcazar = server().await;
        profile_with_role(&alcazar, "Web", "Ops").await;
        for (profile, role, code, message) in [
            (
                "Web",
                "Ops",
                "LimitExceeded",
                "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1",
            ),
            (
                "none",
                "Ops",
                "NoSuchEntity",
                "Instance Profile none cannot be found.",
            ),
            (
                "Web",
                "none",
                "NoSuchEntity",
                "The role with name none cannot be found.",
            ),
        ] {
            let input = json!({"InstanceProfileName": profile, "RoleName": role});
            fails(&alcazar, "AddRoleToInstanceProfile", input, (code, message)).await;
        }
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        let input = json!({"InstanceProfileName": "Web", "RoleName": "Ops"});
        denies(&alcazar, "AddRoleToInstanceProfile", input).await;
    }

    #[tokio::test]
    async fn needs_to_pass_the_role_to_ec2() {
        let alcazar = server().await;
        root(
            &alcazar,
            "CreateInstanceProfile",
            json!({"InstanceProfileName": "Web"}),
        )
        .await;
        role(&alcazar, "Ops").await;
        let input = json!({"InstanceProfileName": "Web", "RoleName": "Ops"});
        let ann = alcazar
            .user("ann", &policy("iam:AddRoleToInstanceProfile", 0))
            .await;
        let answer = iam(&ann, "AddRoleToInstanceProfile", input.clone()).await;
        let answer = answer.fails("AccessDenied");
        assert!(answer.message().contains("iam:PassRole"), "{}", answer.text);
        let both = |service: &str| {
            json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "iam:Add*", "Resource": "*"},
                {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
                 "Condition": {"StringEquals": {"iam:PassedToService": service}}},
            ]})
            .to_string()
        };
        let bob = alcazar.user("bob", &both("lambda.amazonaws.com")).await;
        iam(&bob, "AddRoleToInstanceProfile", input.clone())
            .await
            .fails("AccessDenied");
        let cyd = alcazar.user("cyd", &both("ec2.amazonaws.com")).await;
        iam(&cyd, "AddRoleToInstanceProfile", input).await.ok();
    }
}
