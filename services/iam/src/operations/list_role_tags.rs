//! `iam:ListRoleTags`: the tags of a role, sorted by key.

use iam_api::shapes::{ListRoleTagsRequest, ListRoleTagsResponse};
use iam_api::{operations, permission};
use identity::Role;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::paging::Paging;
use crate::tagging;

pub(crate) struct ListRoleTags;

impl Operation for ListRoleTags {
    type Api = operations::ListRoleTags;
    type Target = (Named<Role>, Paging);

    async fn access(
        input: &ListRoleTagsRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        let named = Named::<Role>::find(look, &input.role_name).await?;
        let role = named.resource();
        Ok(Access::to(
            (named, paging),
            permission::ListRoleTags { role },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListRoleTagsResponse, Failure> {
        let (named, paging) = call.target();
        let page = tagging::page(&named.found()?.tags, paging);
        Ok(ListRoleTagsResponse {
            is_truncated: page.is_truncated(),
            tags: page.items,
            marker: page.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, role, root, server};

    #[tokio::test]
    async fn pages_by_key() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        let tags: Vec<_> = ["c", "a", "b"]
            .map(|key| json!({"Key": key, "Value": key}))
            .into();
        root(
            &alcazar,
            "TagRole",
            json!({"RoleName": "Ops", "Tags": tags}),
        )
        .await;
        let first = root(
            &alcazar,
            "ListRoleTags",
            json!({"RoleName": "Ops", "MaxItems": 2}),
        )
        .await;
        assert_eq!(first.fields("Key"), ["a", "b"]);
        assert_eq!(first.field("IsTruncated"), "true");
        let input = json!({"RoleName": "Ops", "Marker": first.field("Marker")});
        let rest = root(&alcazar, "ListRoleTags", input).await;
        assert_eq!(rest.fields("Key"), ["c"]);
        assert_eq!(rest.field("IsTruncated"), "false");
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The role with name Ops cannot be found.");
        fails(
            &alcazar,
            "ListRoleTags",
            json!({"RoleName": "Ops"}),
            missing,
        )
        .await;
        let error = ("ValidationError", "Invalid Marker.");
        fails(
            &alcazar,
            "ListRoleTags",
            json!({"RoleName": "Ops", "Marker": "%"}),
            error,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        role(&alcazar, "Ops").await;
        denies(&alcazar, "ListRoleTags", json!({"RoleName": "Ops"})).await;
        root(&alcazar, "ListRoleTags", json!({"RoleName": "Ops"})).await;
        let event = alcazar.event("ListRoleTags").await;
        assert_eq!(event["requestParameters"]["roleName"], "Ops");
    }
}
