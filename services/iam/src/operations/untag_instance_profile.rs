//! `iam:UntagInstanceProfile`: takes tags from an instance profile.

use iam_api::shapes::UntagInstanceProfileRequest;
use iam_api::{operations, permission};
use identity::InstanceProfile;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::find::Named;
use crate::tagging;

pub(crate) struct UntagInstanceProfile;

impl Operation for UntagInstanceProfile {
    type Api = operations::UntagInstanceProfile;
    type Target = Named<InstanceProfile>;

    async fn access(
        input: &UntagInstanceProfileRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let profile = Named::<InstanceProfile>::find(look, &input.instance_profile_name).await?;
        let needs = permission::UntagInstanceProfile {
            instance_profile: profile.resource(),
            tag_keys: input.tag_keys.clone(),
        };
        Ok(Access::to(profile, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let profile = call.target().found()?;
        let keys = call.input().tag_keys.iter().map(String::as_str);
        call.put(InstanceProfile {
            tags: tagging::without_exactly(&profile.tags, keys),
            ..InstanceProfile::clone(profile)
        });
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, instance_profile, root, server};

    #[tokio::test]
    async fn takes_tags() {
        let alcazar = server().await;
        instance_profile(&alcazar, "Web").await;
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]);
        root(
            &alcazar,
            "TagInstanceProfile",
            json!({"InstanceProfileName": "Web", "Tags": tags}),
        )
        .await;
        let input = json!({"InstanceProfileName": "Web", "TagKeys": ["a", "unknown"]});
        root(&alcazar, "UntagInstanceProfile", input).await;
        let all = root(
            &alcazar,
            "ListInstanceProfileTags",
            json!({"InstanceProfileName": "Web"}),
        )
        .await;
        assert_eq!(all.fields("Key"), ["A"]);
        let event = alcazar.event("UntagInstanceProfile").await;
        assert_eq!(event["requestParameters"]["tagKeys"][0], "a");
    }

    #[tokio::test]
    async fn none() {
        let input = json!({"InstanceProfileName": "none", "TagKeys": ["a"]});
        let error = ("NoSuchEntity", "Instance Profile none cannot be found.");
        fails(&server().await, "UntagInstanceProfile", input, error).await;
    }

    #[tokio::test]
    async fn denied() {
        let input = json!({"InstanceProfileName": "none", "TagKeys": ["a"]});
        denies(&server().await, "UntagInstanceProfile", input).await;
    }
}
