//! `iam:ListGroups`: the groups of the account, by path prefix.

use iam_api::shapes::{ListGroupsRequest, ListGroupsResponse};
use iam_api::{operations, permission};
use identity::Group;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::paging::{Paging, below};
use crate::shapes;

pub(crate) struct ListGroups;

impl Operation for ListGroups {
    type Api = operations::ListGroups;
    type Target = Paging;

    async fn access(input: &ListGroupsRequest, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        Ok(Access::to(paging, permission::ListGroups {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListGroupsResponse, Failure> {
        let prefix = Group::prefix(call.call().account());
        let wanted = |group: &Group| below(&call.input().path_prefix, &group.path);
        let page = call
            .target()
            .records(call.look(), &prefix, |group: &Group| &group.name, wanted);
        let page = page.await?;
        Ok(ListGroupsResponse {
            groups: page.map(|group| shapes::group(group)),
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, root, server};

    #[tokio::test]
    async fn pages_by_path_prefix() {
        let alcazar = server().await;
        for (name, path) in [("c", "/x/"), ("a", "/x/"), ("b", "/")] {
            root(
                &alcazar,
                "CreateGroup",
                json!({"GroupName": name, "Path": path}),
            )
            .await;
        }
        let all = root(&alcazar, "ListGroups", json!({})).await;
        assert_eq!(all.fields("GroupName"), ["a", "b", "c"]);
        assert_eq!(all.field("IsTruncated"), "false");
        let first = root(
            &alcazar,
            "ListGroups",
            json!({"PathPrefix": "/x/", "MaxItems": 1}),
        )
        .await;
        assert_eq!(first.fields("GroupName"), ["a"]);
        let input = json!({"PathPrefix": "/x/", "Marker": first.field("Marker")});
        assert_eq!(
            root(&alcazar, "ListGroups", input)
                .await
                .fields("GroupName"),
            ["c"]
        );
        let error = ("ValidationError", "Invalid Marker.");
        fails(&alcazar, "ListGroups", json!({"Marker": "%"}), error).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        denies(&alcazar, "ListGroups", json!({})).await;
        root(&alcazar, "ListGroups", json!({"MaxItems": 7})).await;
        let event = alcazar.event("ListGroups").await;
        assert_eq!(event["requestParameters"]["maxItems"], 7);
    }
}
