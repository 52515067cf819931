//! `iam:ListInstanceProfileTags`: the tags of an instance profile.

use iam_api::shapes::{ListInstanceProfileTagsRequest, ListInstanceProfileTagsResponse};
use iam_api::{operations, permission};
use identity::InstanceProfile;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::paging::Paging;
use crate::tagging;

pub(crate) struct ListInstanceProfileTags;

impl Operation for ListInstanceProfileTags {
    type Api = operations::ListInstanceProfileTags;
    type Target = Named<InstanceProfile>;

    async fn access(
        input: &ListInstanceProfileTagsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let profile = Named::<InstanceProfile>::find(look, &input.instance_profile_name).await?;
        let needs = permission::ListInstanceProfileTags {
            instance_profile: profile.resource(),
        };
        Ok(Access::to(profile, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListInstanceProfileTagsResponse, Failure> {
        let input = call.input();
        let paging = Paging::new(&input.marker, input.max_items)?;
        let page = tagging::page(&call.target().found()?.tags, &paging);
        Ok(ListInstanceProfileTagsResponse {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            tags: page.items,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, instance_profile, root, server};

    #[tokio::test]
    async fn in_pages() {
        let alcazar = server().await;
        instance_profile(&alcazar, "Web").await;
        let tags = json!([{"Key": "b", "Value": ""}, {"Key": "a", "Value": ""}]);
        root(
            &alcazar,
            "TagInstanceProfile",
            json!({"InstanceProfileName": "Web", "Tags": tags}),
        )
        .await;
        let input = json!({"InstanceProfileName": "Web", "MaxItems": 1});
        let first = root(&alcazar, "ListInstanceProfileTags", input).await;
        assert_eq!(first.fields("Key"), ["a"]);
        assert_eq!(first.field("IsTruncated"), "true");
        let input = json!({"InstanceProfileName": "Web", "Marker": first.field("Marker")});
        let second = root(&alcazar, "ListInstanceProfileTags", input).await;
        assert_eq!(second.fields("Key"), ["b"]);
        assert_eq!(second.field("IsTruncated"), "false");
        let input = json!({"InstanceProfileName": "Web", "Marker": "%"});
        let error = ("ValidationError", "Invalid Marker.");
        fails(&alcazar, "ListInstanceProfileTags", input, error).await;
    }

    #[tokio::test]
    async fn none() {
        let alcazar = server().await;
        let error = ("NoSuchEntity", "Instance Profile none cannot be found.");
        fails(
            &alcazar,
            "ListInstanceProfileTags",
            json!({"InstanceProfileName": "none"}),
            error,
        )
        .await;
        let event = alcazar.event("ListInstanceProfileTags").await;
        assert_eq!(event["errorCode"], "NoSuchEntity");
    }

    #[tokio::test]
    async fn denied() {
        denies(
            &server().await,
            "ListInstanceProfileTags",
            json!({"InstanceProfileName": "none"}),
        )
        .await;
    }
}
