//! `iam:RemoveUserFromGroup`: what the group may is no longer the user's.

use iam_api::shapes::RemoveUserFromGroupRequest;
use iam_api::{operations, permission};
use identity::{Group, GroupMember, User};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::find::Named;
use crate::{errors, names};

pub(crate) struct RemoveUserFromGroup;

impl Operation for RemoveUserFromGroup {
    type Api = operations::RemoveUserFromGroup;
    type Target = (Named<User>, Named<Group>);

    async fn access(
        input: &RemoveUserFromGroupRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let user = Named::<User>::find(look, &input.user_name).await?;
        let named = Named::<Group>::find(look, &input.group_name).await?;
        let group = named.resource();
        Ok(Access::to(
            (user, named),
            permission::RemoveUserFromGroup { group },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (user, group) = call.target();
        let (user, group) = (user.found()?, group.found()?);
        let mut former = User::clone(user);
        former.groups.retain(|name| !names::same(name, &group.name));
        if former.groups.len() == user.groups.len() {
            return Err(errors::not_a_member(&user.name, &group.name));
        }
        let membership = GroupMember {
            account: group.account,
            group: group.name.clone(),
            user: user.name.clone(),
        };
        call.delete::<GroupMember>(&membership.key());
        call.put(former);
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, group, root, server, user};

    #[tokio::test]
    async fn ends_a_membership() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        for name in ["dev", "ops"] {
            group(&alcazar, name).await;
            root(
                &alcazar,
                "AddUserToGroup",
                json!({"UserName": "ann", "GroupName": name}),
            )
            .await;
        }
        let input = json!({"UserName": "ann", "GroupName": "DEV"});
        root(&alcazar, "RemoveUserFromGroup", input.clone()).await;
        let groups = root(&alcazar, "ListGroupsForUser", json!({"UserName": "ann"})).await;
        assert_eq!(groups.fields("GroupName"), ["ops"]);
        let members = root(&alcazar, "GetGroup", json!({"GroupName": "dev"})).await;
        assert!(members.fields("UserName").is_empty());
        let error = ("NoSuchEntity", "User ann is not in group dev.");
        fails(&alcazar, "RemoveUserFromGroup", input, error).await;
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let input = json!({"UserName": "ann", "GroupName": "dev"});
        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        fails(&alcazar, "RemoveUserFromGroup", input.clone(), missing).await;
        user(&alcazar, "ann").await;
        let missing = ("NoSuchEntity", "The group with name dev cannot be found.");
        fails(&alcazar, "RemoveUserFromGroup", input, missing).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        group(&alcazar, "dev").await;
        let input = json!({"UserName": "ann", "GroupName": "dev"});
        root(&alcazar, "AddUserToGroup", input.clone()).await;
        denies(&alcazar, "RemoveUserFromGroup", input.clone()).await;
        root(&alcazar, "RemoveUserFromGroup", input).await;
        let event = alcazar.event("RemoveUserFromGroup").await;
        assert_eq!(
            event["requestParameters"],
            json!({"userName": "ann", "groupName": "dev"})
        );
    }
}
