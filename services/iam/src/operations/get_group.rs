//! `iam:GetGroup`: a group and its members.

use iam_api::shapes::{GetGroupRequest, GetGroupResponse};
use iam_api::{operations, permission};
use identity::{Group, GroupMember, User};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::paging::Paging;
use crate::shapes;

pub(crate) struct GetGroup;

impl Operation for GetGroup {
    type Api = operations::GetGroup;
    type Target = (Named<Group>, Paging);

    async fn access(input: &GetGroupRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let paging = Paging::new(&input.marker, input.max_items)?;
        let named = Named::<Group>::find(look, &input.group_name).await?;
        let group = named.resource();
        Ok(Access::to((named, paging), permission::GetGroup { group }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetGroupResponse, Failure> {
        let (named, paging) = call.target();
        let group = named.found()?;
        let prefix = GroupMember::prefix(group.account, &group.name);
        let page = paging
            .records(call.look(), &prefix, member_name, |_| true)
            .await?;
        let mut users = Vec::with_capacity(page.items.len());
        for member in &page.items {
            let key = User::key_of(group.account, &member.user);
            let user = call.look().get::<User>(&key).await?;
            users.extend(user.map(|user| shapes::listed_user(&user)));
        }
        Ok(GetGroupResponse {
            group: shapes::group(group),
            users,
            is_truncated: page.is_truncated(),
            marker: page.marker,
        })
    }
}

fn member_name(member: &GroupMember) -> &str {
    &member.user
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, group, root, server, user};

    #[tokio::test]
    async fn pages_of_members() {
        let alcazar = server().await;
        group(&alcazar, "Dev").await;
        for name in ["cid", "Ann", "bob"] {
            user(&alcazar, name).await;
            let input = json!({"UserName": name, "GroupName": "dev"});
            root(&alcazar, "AddUserToGroup", input).await;
        }
        let first = root(
            &alcazar,
            "GetGroup",
            json!({"GroupName": "dev", "MaxItems": 2}),
        )
        .await;
        assert_eq!(first.field("GroupName"), "Dev");
        assert_eq!(first.fields("UserName"), ["Ann", "bob"]);
        assert_eq!(first.field("IsTruncated"), "true");
        let input = json!({"GroupName": "dev", "Marker": first.field("Marker")});
        let rest = root(&alcazar, "GetGroup", input).await;
        assert_eq!(rest.fields("UserName"), ["cid"]);
        assert_eq!(rest.field("IsTruncated"), "false");
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The group with name dev cannot be found.");
        fails(&alcazar, "GetGroup", json!({"GroupName": "dev"}), missing).await;
        let error = ("ValidationError", "Invalid Marker.");
        fails(
            &alcazar,
            "GetGroup",
            json!({"GroupName": "dev", "Marker": "%"}),
            error,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        group(&alcazar, "dev").await;
        denies(&alcazar, "GetGroup", json!({"GroupName": "dev"})).await;
        root(&alcazar, "GetGroup", json!({"GroupName": "dev"})).await;
        let event = alcazar.event("GetGroup").await;
        assert_eq!(event["requestParameters"]["groupName"], "dev");
    }
}
