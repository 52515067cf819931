//! `iam:ListGroupsForUser`: the groups a user is in.

use iam_api::shapes::{ListGroupsForUserRequest, ListGroupsForUserResponse};
use iam_api::{operations, permission};
use identity::{Group, User};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::paging::Paging;
use crate::shapes;

pub(crate) struct ListGroupsForUser;

impl Operation for ListGroupsForUser {
    type Api = operations::ListGroupsForUser;
    type Target = (Named<User>, Paging);

    async fn access(
        input: &ListGroupsForUserRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        let named = Named::<User>::find(look, &input.user_name).await?;
        let user = named.resource();
        Ok(Access::to(
            (named, paging),
            permission::ListGroupsForUser { user },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ListGroupsForUserResponse, Failure> {
        let (named, paging) = call.target();
        let user = named.found()?;
        let page = paging.list(&user.groups, |name| name.to_ascii_lowercase());
        let mut groups = Vec::with_capacity(page.items.len());
        for name in &page.items {
            let key = Group::key_of(user.account, name);
            let group = call.look().get::<Group>(&key).await?;
            groups.extend(group.map(|group| shapes::group(&group)));
        }
        Ok(ListGroupsForUserResponse {
            groups,
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, group, root, server, user};

    #[tokio::test]
    async fn pages_of_groups() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        for name in ["c", "A", "b"] {
            group(&alcazar, name).await;
            root(
                &alcazar,
                "AddUserToGroup",
                json!({"UserName": "ann", "GroupName": name}),
            )
            .await;
        }
        let input = json!({"UserName": "ann", "MaxItems": 2});
        let first = root(&alcazar, "ListGroupsForUser", input).await;
        assert_eq!(first.fields("GroupName"), ["A", "b"]);
        assert_eq!(first.field("IsTruncated"), "true");
        let input = json!({"UserName": "ann", "Marker": first.field("Marker")});
        let rest = root(&alcazar, "ListGroupsForUser", input).await;
        assert_eq!(rest.fields("GroupName"), ["c"]);
        assert_eq!(rest.field("IsTruncated"), "false");
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        fails(
            &alcazar,
            "ListGroupsForUser",
            json!({"UserName": "ann"}),
            missing,
        )
        .await;
        let error = ("ValidationError", "Invalid Marker.");
        let input = json!({"UserName": "ann", "Marker": "%"});
        fails(&alcazar, "ListGroupsForUser", input, error).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        denies(&alcazar, "ListGroupsForUser", json!({"UserName": "ann"})).await;
        root(&alcazar, "ListGroupsForUser", json!({"UserName": "ann"})).await;
        let event = alcazar.event("ListGroupsForUser").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
    }
}
