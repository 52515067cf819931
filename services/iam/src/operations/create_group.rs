//! `iam:CreateGroup`: a new group.

use std::collections::BTreeMap;

use iam_api::shapes::{CreateGroupRequest, CreateGroupResponse};
use iam_api::{operations, permission};
use identity::{Group, Prefix};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Named;
use crate::{errors, names, shapes};

/// Groups of an account. AWS: IAM User Guide, "IAM and AWS STS quotas".
pub(crate) const MOST: usize = 300;

pub(crate) struct CreateGroup;

impl Operation for CreateGroup {
    type Api = operations::CreateGroup;
    type Target = Named<Group>;

    async fn access(
        input: &CreateGroupRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let path = names::path(&input.path);
        let wanted = Named::<Group>::wanted(look, path, &input.group_name).await?;
        let group = wanted.resource();
        Ok(Access::to(wanted, permission::CreateGroup { group }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateGroupResponse, Failure> {
        call.target().free()?;
        let (input, account) = (call.input(), call.call().account());
        if call
            .look()
            .count::<Group>(&Group::prefix(account), MOST)
            .await?
            >= MOST
        {
            return Err(errors::quota_exceeded("GroupsPerAccount", MOST));
        }
        let path = names::path(&input.path);
        let group = Group {
            name: input.group_name.clone(),
            path: path.to_owned(),
            id: call.unique_id(Prefix::Group),
            arn: Group::arn_of(account, path, &input.group_name),
            account,
            created: call.call().now(),
            attached: vec![],
            inline: BTreeMap::new(),
        };
        let answer = shapes::group(&group);
        call.put(group);
        Ok(CreateGroupResponse { group: answer })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::MOST;
    use crate::testing::{denies, fails, group, iam, root, server};

    #[tokio::test]
    async fn makes_a_group() {
        let alcazar = server().await;
        let made = root(
            &alcazar,
            "CreateGroup",
            json!({"GroupName": "Dev", "Path": "/a/"}),
        )
        .await;
        assert_eq!(made.field("Arn"), "arn:aws:iam::111122223333:group/a/Dev");
        assert_eq!(made.field("Path"), "/a/");
        assert!(made.field("GroupId").starts_with("AGPA"));
        let taken = ("EntityAlreadyExists", "Group with name dev already exists.");
        fails(&alcazar, "CreateGroup", json!({"GroupName": "dev"}), taken).await;
        let long = json!({"GroupName": "a".repeat(129)});
        iam(&alcazar.root(), "CreateGroup", long)
            .await
            .fails("ValidationError");
    }

    #[tokio::test]
    async fn an_account_has_so_many() {
        let alcazar = server().await;
        for number in 0..MOST {
            group(&alcazar, &format!("g{number}")).await;
        }
        let full = (
            "LimitExceeded",
            "Cannot exceed quota for GroupsPerAccount: 300",
        );
        fails(
            &alcazar,
            "CreateGroup",
            json!({"GroupName": "one-more"}),
            full,
        )
        .await;
        iam(
            &alcazar.other_root(),
            "CreateGroup",
            json!({"GroupName": "g"}),
        )
        .await
        .ok();
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        denies(&alcazar, "CreateGroup", json!({"GroupName": "dev"})).await;
        let made = group(&alcazar, "dev").await;
        let event = alcazar.event("CreateGroup").await;
        assert_eq!(event["requestParameters"]["groupName"], "dev");
        assert_eq!(
            event["responseElements"]["group"]["groupId"],
            made.field("GroupId")
        );
    }
}
