//! `iam:UpdateGroup`: another name or path. The group keeps its id, its members and its policies.

use iam_api::shapes::UpdateGroupRequest;
use iam_api::{operations, permission};
use identity::{Group, GroupMember, User};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::find::Named;
use crate::{names, renaming};

pub(crate) struct UpdateGroup;

/// The group as it is, and as it shall be.
pub(crate) struct Change {
    group: Named<Group>,
    wanted: Named<Group>,
}

impl Operation for UpdateGroup {
    type Api = operations::UpdateGroup;
    type Target = Change;

    /// AWS: "the requester must have appropriate permissions on both the source object and the target object."
    async fn access(
        input: &UpdateGroupRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let group = Named::<Group>::find(look, &input.group_name).await?;
        let (old_path, old_name) = match group.record() {
            Some(group) => (group.path.as_str(), group.name.as_str()),
            None => ("/", input.group_name.as_str()),
        };
        let path = input.new_path.as_deref().unwrap_or(old_path);
        let name = input.new_group_name.as_deref().unwrap_or(old_name);
        let wanted = Named::<Group>::wanted(look, path, name).await?;
        let (from, to) = (group.resource(), wanted.resource());
        let moves = from.arn() != to.arn();
        let access = Access::to(
            Change { group, wanted },
            permission::UpdateGroup { group: from },
        );
        Ok(match moves {
            true => access.and(permission::UpdateGroup { group: to }),
            false => access,
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let Change { group, wanted } = call.target();
        let former = group.found()?;
        if wanted.record().is_some_and(|other| other.id != former.id) {
            wanted.free()?;
        }
        let path = call.input().new_path.as_ref().unwrap_or(&former.path);
        let name = call.input().new_group_name.as_ref().unwrap_or(&former.name);
        let renamed = Group {
            arn: Group::arn_of(former.account, path, name),
            path: path.clone(),
            name: name.clone(),
            ..Group::clone(former)
        };
        if former.name != renamed.name {
            rename(&call, former, &renamed).await?;
        }
        call.put(renamed);
        Ok(Empty {})
    }
}

/// Moves all that refers to the group by name.
async fn rename(
    call: &Permitted<'_, UpdateGroup>,
    former: &Group,
    renamed: &Group,
) -> Result<(), Failure> {
    call.delete::<Group>(&former.key());
    let prefix = GroupMember::prefix(former.account, &former.name);
    for member in call
        .look()
        .scan::<GroupMember>(&prefix, None, usize::MAX)
        .await?
    {
        let key = User::key_of(former.account, &member.user);
        if let Some(user) = call.look().get::<User>(&key).await? {
            call.put(moved(&user, former, renamed));
        }
        call.delete::<GroupMember>(&member.key());
        call.put(GroupMember {
            group: renamed.name.clone(),
            ..GroupMember::clone(&member)
        });
    }
    renaming::attachments(call, former, renamed, None);
    Ok(())
}

/// The user, in `renamed` where it was in `former`.
fn moved(user: &User, former: &Group, renamed: &Group) -> User {
    let mut user = user.clone();
    for group in &mut user.groups {
        if names::same(group, &former.name) {
            group.clone_from(&renamed.name);
        }
    }
    user
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, group, iam, policy, root, server, user};

    #[tokio::test]
    async fn members_keep_what_the_group_grants() {
        let alcazar = server().await;
        let id = group(&alcazar, "dev").await.field("GroupId");
        let input =
            json!({"GroupName": "dev", "PolicyName": "p", "PolicyDocument": policy("iam:*", 1)});
        root(&alcazar, "PutGroupPolicy", input).await;
        let attached =
            json!({"GroupName": "dev", "PolicyArn": "arn:aws:iam::aws:policy/IAMFullAccess"});
        root(&alcazar, "AttachGroupPolicy", attached).await;
        let ann = alcazar.powerless().await;
        let member = json!({"UserName": "powerless", "GroupName": "dev"});
        root(&alcazar, "AddUserToGroup", member).await;
        let input = json!({"GroupName": "dev", "NewGroupName": "Eng", "NewPath": "/x/"});
        root(&alcazar, "UpdateGroup", input).await;

        let got = iam(&ann, "GetGroup", json!({"GroupName": "eng"}))
            .await
            .ok();
        assert_eq!(got.field("Arn"), "arn:aws:iam::111122223333:group/x/Eng");
        assert_eq!(got.field("GroupId"), id);
        assert_eq!(got.fields("UserName"), ["powerless"]);
        let groups = root(
            &alcazar,
            "ListGroupsForUser",
            json!({"UserName": "powerless"}),
        )
        .await;
        assert_eq!(groups.fields("GroupName"), ["Eng"]);
        let input = json!({"PolicyArn": "arn:aws:iam::aws:policy/IAMFullAccess"});
        let entities = root(&alcazar, "ListEntitiesForPolicy", input).await;
        assert_eq!(entities.fields("GroupName"), ["Eng"]);
        let missing = ("NoSuchEntity", "The group with name dev cannot be found.");
        fails(&alcazar, "GetGroup", json!({"GroupName": "dev"}), missing).await;
    }

    #[tokio::test]
    async fn changes_case_alone() {
        let alcazar = server().await;
        group(&alcazar, "dev").await;
        user(&alcazar, "ann").await;
        root(
            &alcazar,
            "AddUserToGroup",
            json!({"UserName": "ann", "GroupName": "dev"}),
        )
        .await;
        root(
            &alcazar,
            "UpdateGroup",
            json!({"GroupName": "dev", "NewGroupName": "DEV"}),
        )
        .await;
        let got = root(&alcazar, "GetGroup", json!({"GroupName": "dev"})).await;
        assert_eq!(got.field("GroupName"), "DEV");
        assert_eq!(got.fields("UserName"), ["ann"]);
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let input = json!({"GroupName": "dev", "NewGroupName": "ops"});
        let missing = ("NoSuchEntity", "The group with name dev cannot be found.");
        fails(&alcazar, "UpdateGroup", input.clone(), missing).await;
        group(&alcazar, "dev").await;
        group(&alcazar, "ops").await;
        let taken = ("EntityAlreadyExists", "Group with name ops already exists.");
        fails(&alcazar, "UpdateGroup", input, taken).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        group(&alcazar, "dev").await;
        let input = json!({"GroupName": "dev", "NewPath": "/x/"});
        denies(&alcazar, "UpdateGroup", input.clone()).await;
        root(&alcazar, "UpdateGroup", input).await;
        let event = alcazar.event("UpdateGroup").await;
        assert_eq!(event["requestParameters"]["newPath"], "/x/");
    }
}
