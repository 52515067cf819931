//! `iam:AddUserToGroup`: from now on the user may what the group may.

use iam_api::shapes::AddUserToGroupRequest;
use iam_api::{operations, permission};
use identity::{Group, GroupMember, User};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::find::Named;
use crate::{errors, names};

/// Groups a user may be in. AWS: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const MOST: usize = 10;

pub(crate) struct AddUserToGroup;

impl Operation for AddUserToGroup {
    type Api = operations::AddUserToGroup;
    type Target = (Named<User>, Named<Group>);

    async fn access(
        input: &AddUserToGroupRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let user = Named::<User>::find(look, &input.user_name).await?;
        let named = Named::<Group>::find(look, &input.group_name).await?;
        let group = named.resource();
        Ok(Access::to(
            (user, named),
            permission::AddUserToGroup { group },
        ))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let (user, group) = call.target();
        let (user, group) = (user.found()?, group.found()?);
        if user
            .groups
            .iter()
            .any(|name| names::same(name, &group.name))
        {
            return Ok(Empty {});
        }
        if user.groups.len() >= MOST {
            return Err(errors::quota_exceeded("GroupsPerUser", MOST));
        }
        let mut member = User::clone(user);
        member.groups.push(group.name.clone());
        call.put(member);
        call.put(GroupMember {
            account: group.account,
            group: group.name.clone(),
            user: user.name.clone(),
        });
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::MOST;
    use crate::testing::{denies, fails, group, root, server, user};

    #[tokio::test]
    async fn makes_a_member_once() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        group(&alcazar, "Dev").await;
        for (user, group) in [("ann", "Dev"), ("ANN", "dev")] {
            root(
                &alcazar,
                "AddUserToGroup",
                json!({"UserName": user, "GroupName": group}),
            )
            .await;
        }
        let groups = root(&alcazar, "ListGroupsForUser", json!({"UserName": "ann"})).await;
        assert_eq!(groups.fields("GroupName"), ["Dev"]);
        let members = root(&alcazar, "GetGroup", json!({"GroupName": "dev"})).await;
        assert_eq!(members.fields("UserName"), ["ann"]);
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let input = json!({"UserName": "ann", "GroupName": "dev"});
        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        fails(&alcazar, "AddUserToGroup", input.clone(), missing).await;
        user(&alcazar, "ann").await;
        let missing = ("NoSuchEntity", "The group with name dev cannot be found.");
        fails(&alcazar, "AddUserToGroup", input.clone(), missing).await;
        for number in 0..MOST {
            let name = format!("g{number}");
            group(&alcazar, &name).await;
            root(
                &alcazar,
                "AddUserToGroup",
                json!({"UserName": "ann", "GroupName": name}),
            )
            .await;
        }
        group(&alcazar, "dev").await;
        let full = ("LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10");
        fails(&alcazar, "AddUserToGroup", input, full).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        group(&alcazar, "dev").await;
        let input = json!({"UserName": "ann", "GroupName": "dev"});
        denies(&alcazar, "AddUserToGroup", input.clone()).await;
        root(&alcazar, "AddUserToGroup", input).await;
        let event = alcazar.event("AddUserToGroup").await;
        assert_eq!(
            event["requestParameters"],
            json!({"userName": "ann", "groupName": "dev"})
        );
    }
}
