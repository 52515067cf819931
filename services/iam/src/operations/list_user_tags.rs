//! `iam:ListUserTags`: the tags of a user, sorted by key.

use iam_api::shapes::{ListUserTagsRequest, ListUserTagsResponse};
use iam_api::{operations, permission};
use identity::User;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::paging::Paging;
use crate::tagging;

pub(crate) struct ListUserTags;

impl Operation for ListUserTags {
    type Api = operations::ListUserTags;
    type Target = (Named<User>, Paging);

    async fn access(
        input: &ListUserTagsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        let named = Named::<User>::find(look, &input.user_name).await?;
        let user = named.resource();
        Ok(Access::to(
            (named, paging),
            permission::ListUserTags { user },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListUserTagsResponse, Failure> {
        let (named, paging) = call.target();
        let page = tagging::page(&named.found()?.tags, paging);
        Ok(ListUserTagsResponse {
            is_truncated: page.is_truncated(),
            tags: page.items,
            marker: page.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, root, server, user};

    #[tokio::test]
    async fn pages_by_key() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let tags: Vec<_> = ["c", "a", "b"]
            .map(|key| json!({"Key": key, "Value": key}))
            .into();
        root(
            &alcazar,
            "TagUser",
            json!({"UserName": "ann", "Tags": tags}),
        )
        .await;
        let first = root(
            &alcazar,
            "ListUserTags",
            json!({"UserName": "ann", "MaxItems": 2}),
        )
        .await;
        assert_eq!(first.fields("Key"), ["a", "b"]);
        assert_eq!(first.field("IsTruncated"), "true");
        let input = json!({"UserName": "ann", "Marker": first.field("Marker")});
        let rest = root(&alcazar, "ListUserTags", input).await;
        assert_eq!(rest.fields("Key"), ["c"]);
        assert_eq!(rest.field("IsTruncated"), "false");
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        fails(
            &alcazar,
            "ListUserTags",
            json!({"UserName": "ann"}),
            missing,
        )
        .await;
        let error = ("ValidationError", "Invalid Marker.");
        fails(
            &alcazar,
            "ListUserTags",
            json!({"UserName": "ann", "Marker": "%"}),
            error,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        denies(&alcazar, "ListUserTags", json!({"UserName": "ann"})).await;
        root(&alcazar, "ListUserTags", json!({"UserName": "ann"})).await;
        let event = alcazar.event("ListUserTags").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
    }
}
