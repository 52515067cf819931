//! `iam:TagInstanceProfile`: gives an instance profile tags, or new values to those it has.

use iam_api::shapes::TagInstanceProfileRequest;
use iam_api::{operations, permission};
use identity::InstanceProfile;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::find::Named;
use crate::tagging;

pub(crate) struct TagInstanceProfile;

impl Operation for TagInstanceProfile {
    type Api = operations::TagInstanceProfile;
    type Target = Named<InstanceProfile>;

    async fn access(
        input: &TagInstanceProfileRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let profile = Named::<InstanceProfile>::find(look, &input.instance_profile_name).await?;
        let needs = permission::TagInstanceProfile {
            instance_profile: profile.resource(),
            request_tags: tagging::requested(Some(&input.tags)),
        };
        Ok(Access::to(profile, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let profile = call.target().found()?;
        call.put(InstanceProfile {
            tags: tagging::with_exactly(&profile.tags, &call.input().tags)?,
            ..InstanceProfile::clone(profile)
        });
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{denies, fails, instance_profile, root, server};

    #[tokio::test]
    async fn sets_tags() {
        let alcazar = server().await;
        instance_profile(&alcazar, "Web").await;
        for tags in [
            json!([{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]),
            json!([{"Key": "a", "Value": "3"}]),
        ] {
            root(
                &alcazar,
                "TagInstanceProfile",
                json!({"InstanceProfileName": "Web", "Tags": tags}),
            )
            .await;
        }
        let all = root(
            &alcazar,
            "ListInstanceProfileTags",
            json!({"InstanceProfileName": "Web"}),
        )
        .await;
        assert_eq!(all.fields("Key"), ["A", "a"]);
        assert_eq!(all.fields("Value"), ["2", "3"]);
        let event = alcazar.event("TagInstanceProfile").await;
        assert_eq!(event["requestParameters"]["tags"][0]["key"], "a");
    }

    #[tokio::test]
    async fn errors() {
        let alcazar = server().await;
        instance_profile(&alcazar, "Web").await;
        let fifty: Vec<Value> = (0..50)
            .map(|n| json!({"Key": n.to_string(), "Value": ""}))
            .collect();
        root(
            &alcazar,
            "TagInstanceProfile",
            json!({"InstanceProfileName": "Web", "Tags": fifty}),
        )
        .await;
        let one = json!([{"Key": "a", "Value": ""}]);
        let two = json!([{"Key": "a", "Value": ""}, {"Key": "a", "Value": ""}]);
        let of_aws = json!([{"Key": "aws:a", "Value": ""}]);
        for (whose, tags, code, message) in [
            (
                "none",
                &one,
                "NoSuchEntity",
                "Instance Profile none cannot be found.",
            ),
            ("Web", &two, "InvalidInput", "Duplicate tag keys found."),
            (
                "Web",
                &of_aws,
                "InvalidInput",
                "Tag keys beginning with 'aws:' are reserved for system use.",
            ),
            (
                "Web",
                &one,
                "LimitExceeded",
                "The number of tags has reached the maximum limit.",
            ),
        ] {
            let input = json!({"InstanceProfileName": whose, "Tags": tags});
            fails(&alcazar, "TagInstanceProfile", input, (code, message)).await;
        }
    }

    #[tokio::test]
    async fn denied() {
        let input = json!({"InstanceProfileName": "none", "Tags": [{"Key": "a", "Value": ""}]});
        denies(&server().await, "TagInstanceProfile", input).await;
    }
}
