//! `iam:CreateInstanceProfile`: makes an instance profile without a role.

use iam_api::shapes::{self, CreateInstanceProfileRequest, CreateInstanceProfileResponse};
use iam_api::{operations, permission};
use identity::{InstanceProfile, Prefix};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::{instance_profile, names, tagging};

pub(crate) struct CreateInstanceProfile;

impl Operation for CreateInstanceProfile {
    type Api = operations::CreateInstanceProfile;
    type Target = Named<InstanceProfile>;

    async fn access(
        input: &CreateInstanceProfileRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let path = names::path(&input.path);
        let profile = Named::wanted(look, path, &input.instance_profile_name).await?;
        let request_tags = tagging::requested(input.tags.as_deref());
        let (resource, tagged) = (profile.resource(), !request_tags.is_empty());
        let create = permission::CreateInstanceProfile {
            instance_profile: resource.clone(),
            request_tags: request_tags.clone(),
        };
        let access = Access::to(profile, create);
        let tag = permission::TagInstanceProfile {
            instance_profile: resource,
            request_tags,
        };
        Ok(if tagged { access.and(tag) } else { access })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateInstanceProfileResponse, Failure> {
        let profile = made(&call)?;
        call.target().free()?;
        let answer = shapes::InstanceProfile {
            tags: tagging::shape(&profile.tags),
            ..instance_profile::listed(call.look(), &profile).await?
        };
        call.put(profile);
        Ok(CreateInstanceProfileResponse {
            instance_profile: answer,
        })
    }
}

fn made(call: &Permitted<'_, CreateInstanceProfile>) -> Result<InstanceProfile, Failure> {
    let input = call.input();
    let (account, path) = (call.call().account(), names::path(&input.path));
    let tags = input.tags.as_deref().unwrap_or_default();
    Ok(InstanceProfile {
        name: input.instance_profile_name.clone(),
        path: path.to_owned(),
        id: call.unique_id(Prefix::InstanceProfile),
        arn: InstanceProfile::arn_of(account, path, &input.instance_profile_name),
        account,
        created: call.call().now(),
        tags: tagging::with_exactly(&base::Tags::default(), tags)?,
        role: None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, iam, policy, root, server};

    #[tokio::test]
    async fn makes_an_instance_profile() {
        let alcazar = server().await;
        let tags = json!([{"Key": "a", "Value": "x"}]);
        let input = json!({"InstanceProfileName": "Web", "Path": "/a/", "Tags": tags});
        let made = root(&alcazar, "CreateInstanceProfile", input).await;
        assert!(
            made.field("InstanceProfileId").starts_with("AIPA"),
            "{}",
            made.text
        );
        for (field, expected) in [
            ("Arn", "arn:aws:iam::111122223333:instance-profile/a/Web"),
            ("InstanceProfileName", "Web"),
            ("Path", "/a/"),
            ("CreateDate", "2026-11-23T06:38:13Z"),
            ("Roles", ""),
            ("Value", "x"),
        ] {
            assert_eq!(made.field(field), expected, "{field}");
        }
        let event = alcazar.event("CreateInstanceProfile").await;
        assert_eq!(event["requestParameters"]["instanceProfileName"], "Web");
        assert_eq!(event["responseElements"]["instanceProfile"]["path"], "/a/");
    }

    #[tokio::test]
    async fn errors() {
        let alcazar = server().await;
        root(
            &alcazar,
            "CreateInstanceProfile",
            json!({"InstanceProfileName": "Web"}),
        )
        .await;
        let error = (
            "EntityAlreadyExists",
            "Instance Profile WEB already exists.",
        );
        let input = json!({"InstanceProfileName": "WEB"});
        fails(&alcazar, "CreateInstanceProfile", input, error).await;
        let twice = json!([{"Key": "a", "Value": ""}, {"Key": "a", "Value": ""}]);
        let input = json!({"InstanceProfileName": "T", "Tags": twice});
        let error = ("InvalidInput", "Duplicate tag keys found.");
        fails(&alcazar, "CreateInstanceProfile", input, error).await;
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        denies(
            &alcazar,
            "CreateInstanceProfile",
            json!({"InstanceProfileName": "Web"}),
        )
        .await;
        let ann = alcazar
            .user("ann", &policy("iam:CreateInstanceProfile", 0))
            .await;
        let tags = json!([{"Key": "a", "Value": "x"}]);
        let input = json!({"InstanceProfileName": "Web", "Tags": tags});
        let answer = iam(&ann, "CreateInstanceProfile", input)
            .await
            .fails("AccessDenied");
        assert!(
            answer.message().contains("iam:TagInstanceProfile"),
            "{}",
            answer.text
        );
    }
}
