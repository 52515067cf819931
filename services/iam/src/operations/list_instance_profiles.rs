//! `iam:ListInstanceProfiles`: the instance profiles of the account.

use iam_api::shapes::{ListInstanceProfilesRequest, ListInstanceProfilesResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::instance_profile;
use crate::paging::{Paging, below};

pub(crate) struct ListInstanceProfiles;

impl Operation for ListInstanceProfiles {
    type Api = operations::ListInstanceProfiles;
    type Target = ();

    async fn access(
        _: &ListInstanceProfilesRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::ListInstanceProfiles {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListInstanceProfilesResponse, Failure> {
        let input = call.input();
        let paging = Paging::new(&input.marker, input.max_items)?;
        let page = instance_profile::page(call.look(), &paging, |profile| {
            below(&input.path_prefix, &profile.path)
        });
        let page = page.await?;
        Ok(ListInstanceProfilesResponse {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            instance_profiles: page.items,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, profile_with_role, root, server};

    #[tokio::test]
    async fn in_pages() {
        let alcazar = server().await;
        profile_with_role(&alcazar, "Web", "Ops").await;
        let tags = json!([{"Key": "in", "Value": "no list"}]);
        let input = json!({"InstanceProfileName": "App", "Path": "/a/", "Tags": tags});
        root(&alcazar, "CreateInstanceProfile", input).await;
        let all = root(&alcazar, "ListInstanceProfiles", json!({})).await;
        assert_eq!(all.fields("InstanceProfileName"), ["App", "Web"]);
        assert_eq!(all.fields("RoleName"), ["Ops"]);
        assert_eq!(
            (all.field("IsTruncated"), all.field("Tags")),
            ("false".into(), "".into())
        );
        let below = root(
            &alcazar,
            "ListInstanceProfiles",
            json!({"PathPrefix": "/a"}),
        )
        .await;
        assert_eq!(below.fields("InstanceProfileName"), ["App"]);
        let first = root(&alcazar, "ListInstanceProfiles", json!({"MaxItems": 1})).await;
        assert_eq!(first.fields("InstanceProfileName"), ["App"]);
        let second = json!({"Marker": first.field("Marker")});
        let second = root(&alcazar, "ListInstanceProfiles", second).await;
        assert_eq!(second.fields("InstanceProfileName"), ["Web"]);
        let error = ("ValidationError", "Invalid Marker.");
        fails(
            &alcazar,
            "ListInstanceProfiles",
            json!({"Marker": "%"}),
            error,
        )
        .await;
    }

    #[tokio::test]
    async fn denied() {
        let alcazar = server().await;
        denies(&alcazar, "ListInstanceProfiles", json!({"PathPrefix": "/"})).await;
        let event = alcazar.event("ListInstanceProfiles").await;
        assert_eq!(event["requestParameters"]["pathPrefix"], "/");
    }
}
