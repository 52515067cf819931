//! `iam:DeleteGroup`: the end of a group without members and policies.

use iam_api::shapes::DeleteGroupRequest;
use iam_api::{operations, permission};
use identity::{Group, GroupMember};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::errors;
use crate::find::Named;

pub(crate) struct DeleteGroup;

impl Operation for DeleteGroup {
    type Api = operations::DeleteGroup;
    type Target = Named<Group>;

    async fn access(
        input: &DeleteGroupRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::<Group>::find(look, &input.group_name).await?;
        let group = named.resource();
        Ok(Access::to(named, permission::DeleteGroup { group }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let group = call.target().found()?;
        let prefix = GroupMember::prefix(group.account, &group.name);
        let members = call.look().scan::<GroupMember>(&prefix, None, 1).await?;
        if !members.is_empty() {
            return Err(errors::must_first("remove users from group"));
        }
        if !group.attached.is_empty() {
            return Err(errors::must_first("detach all policies"));
        }
        if !group.inline.is_empty() {
            return Err(errors::must_first("delete policies"));
        }
        call.delete::<Group>(&group.key());
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, group, policy, root, server, user};

    #[tokio::test]
    async fn what_a_group_has_must_go_first() {
        let alcazar = server().await;
        let dev = json!({"GroupName": "dev"});
        group(&alcazar, "dev").await;
        user(&alcazar, "ann").await;
        let member = json!({"UserName": "ann", "GroupName": "dev"});
        root(&alcazar, "AddUserToGroup", member.clone()).await;
        let attached =
            json!({"GroupName": "dev", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"});
        root(&alcazar, "AttachGroupPolicy", attached.clone()).await;
        let input =
            json!({"GroupName": "dev", "PolicyName": "p", "PolicyDocument": policy("iam:*", 1)});
        root(&alcazar, "PutGroupPolicy", input).await;
        for (first, operation, input) in [
            ("remove users from group", "RemoveUserFromGroup", member),
            ("detach all policies", "DetachGroupPolicy", attached),
            (
                "delete policies",
                "DeleteGroupPolicy",
                json!({"GroupName": "dev", "PolicyName": "p"}),
            ),
        ] {
            let message = format!("Cannot delete entity, must {first} first.");
            fails(
                &alcazar,
                "DeleteGroup",
                dev.clone(),
                ("DeleteConflict", &message),
            )
            .await;
            root(&alcazar, operation, input).await;
        }
        root(&alcazar, "DeleteGroup", dev.clone()).await;
        let missing = ("NoSuchEntity", "The group with name dev cannot be found.");
        fails(&alcazar, "DeleteGroup", dev, missing).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        group(&alcazar, "dev").await;
        denies(&alcazar, "DeleteGroup", json!({"GroupName": "dev"})).await;
        root(&alcazar, "DeleteGroup", json!({"GroupName": "dev"})).await;
        let event = alcazar.event("DeleteGroup").await;
        assert_eq!(event["requestParameters"]["groupName"], "dev");
    }
}
