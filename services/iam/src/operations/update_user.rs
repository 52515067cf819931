//! `iam:UpdateUser`: another name or path. The user keeps its id, and all it has.

use iam_api::shapes::UpdateUserRequest;
use iam_api::{operations, permission};
use identity::{AccessKey, GroupMember, Owner, User};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::find::Named;
use crate::{mfa_devices, renaming};

pub(crate) struct UpdateUser;

/// The user as it is, and as it shall be.
pub(crate) struct Change {
    user: Named<User>,
    wanted: Named<User>,
}

impl Operation for UpdateUser {
    type Api = operations::UpdateUser;
    type Target = Change;

    /// AWS: "the requester must have appropriate permissions on both the source object and the target object."
    async fn access(input: &UpdateUserRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let user = Named::<User>::find(look, &input.user_name).await?;
        let (old_path, old_name) = match user.record() {
            Some(user) => (user.path.as_str(), user.name.as_str()),
            None => ("/", input.user_name.as_str()),
        };
        let path = input.new_path.as_deref().unwrap_or(old_path);
        let name = input.new_user_name.as_deref().unwrap_or(old_name);
        let wanted = Named::<User>::wanted(look, path, name).await?;
        let (from, to) = (user.resource(), wanted.resource());
        let moves = from.arn() != to.arn();
        let access = Access::to(
            Change { user, wanted },
            permission::UpdateUser { user: from },
        );
        Ok(match moves {
            true => access.and(permission::UpdateUser { user: to }),
            false => access,
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let Change { user, wanted } = call.target();
        let former = user.found()?;
        if wanted.record().is_some_and(|other| other.id != former.id) {
            wanted.free()?;
        }
        let path = call.input().new_path.as_ref().unwrap_or(&former.path);
        let name = call.input().new_user_name.as_ref().unwrap_or(&former.name);
        let renamed = User {
            arn: User::arn_of(former.account, path, name),
            path: path.clone(),
            name: name.clone(),
            ..User::clone(former)
        };
        if former.name != renamed.name {
            rename(&call, former, &renamed).await?;
        }
        call.put(renamed);
        Ok(Empty {})
    }
}

/// Moves all that refers to the user by name.
async fn rename(
    call: &Permitted<'_, UpdateUser>,
    former: &User,
    renamed: &User,
) -> Result<(), Failure> {
    call.delete::<User>(&former.key());
    for group in &former.groups {
        call.delete::<GroupMember>(&member(former, group).key());
        call.put(member(renamed, group));
    }
    for id in &former.access_keys {
        if let Some(key) = call.look().get::<AccessKey>(&AccessKey::key_of(id)).await? {
            call.put(AccessKey {
                owner: Owner::User(renamed.name.clone()),
                ..AccessKey::clone(&key)
            });
        }
    }
    mfa_devices::rename(call, renamed).await?;
    renaming::attachments(call, former, renamed, former.boundary.as_ref());
    Ok(())
}

fn member(user: &User, group: &str) -> GroupMember {
    GroupMember {
        account: user.account,
        group: group.to_owned(),
        user: user.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, group, iam, policy, root, server, user};

    const POLICY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    #[tokio::test]
    async fn moves_all_a_user_has() {
        let alcazar = server().await;
        let made = root(
            &alcazar,
            "CreateUser",
            json!({"UserName": "ann", "PermissionsBoundary": POLICY}),
        );
        let id = made.await.field("UserId");
        group(&alcazar, "dev").await;
        let key = root(&alcazar, "CreateAccessKey", json!({"UserName": "ann"})).await;
        root(
            &alcazar,
            "AddUserToGroup",
            json!({"UserName": "ann", "GroupName": "dev"}),
        )
        .await;
        let input =
            json!({"UserName": "ann", "PolicyName": "p", "PolicyDocument": policy("iam:*", 1)});
        root(&alcazar, "PutUserPolicy", input).await;
        let input = json!({"UserName": "ann", "NewUserName": "Eve", "NewPath": "/x/"});
        root(&alcazar, "UpdateUser", input).await;

        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        fails(&alcazar, "GetUser", json!({"UserName": "ann"}), missing).await;
        let eve = alcazar.client(&key.field("AccessKeyId"), &key.field("SecretAccessKey"));
        iam(&eve, "GetUser", json!({})).await.ok();
        let denied = iam(&eve, "DeleteUser", json!({"UserName": "eve"})).await;
        let denied = denied.fails("AccessDenied").message();
        assert!(
            denied.contains("no permissions boundary allows"),
            "{denied}"
        );
        let got = root(&alcazar, "GetUser", json!({"UserName": "eve"})).await;
        assert_eq!(got.field("Arn"), "arn:aws:iam::111122223333:user/x/Eve");
        assert_eq!(got.field("UserId"), id);
        assert_eq!(got.field("PermissionsBoundaryArn"), POLICY);
        let members = root(&alcazar, "GetGroup", json!({"GroupName": "dev"})).await;
        assert_eq!(members.fields("UserName"), ["Eve"]);
        let policies = root(&alcazar, "ListUserPolicies", json!({"UserName": "Eve"})).await;
        assert_eq!(policies.fields("member"), ["p"]);
        let keys = root(&alcazar, "ListAccessKeys", json!({"UserName": "Eve"})).await;
        assert_eq!(keys.field("AccessKeyId"), key.field("AccessKeyId"));
    }

    #[tokio::test]
    async fn changes_case_or_path_alone() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        root(
            &alcazar,
            "UpdateUser",
            json!({"UserName": "ann", "NewUserName": "Ann"}),
        )
        .await;
        root(
            &alcazar,
            "UpdateUser",
            json!({"UserName": "ann", "NewPath": "/x/"}),
        )
        .await;
        root(&alcazar, "UpdateUser", json!({"UserName": "ann"})).await;
        let got = root(&alcazar, "GetUser", json!({"UserName": "ann"})).await;
        assert_eq!(got.field("Arn"), "arn:aws:iam::111122223333:user/x/Ann");
        assert_eq!(
            root(&alcazar, "ListUsers", json!({}))
                .await
                .fields("UserName"),
            ["Ann"]
        );
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        let input = json!({"UserName": "ann", "NewUserName": "bob"});
        fails(&alcazar, "UpdateUser", input.clone(), missing).await;
        user(&alcazar, "ann").await;
        user(&alcazar, "bob").await;
        let taken = ("EntityAlreadyExists", "User with name bob already exists.");
        fails(&alcazar, "UpdateUser", input, taken).await;
    }

    #[tokio::test]
    async fn needs_both_the_old_and_the_new() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let only = policy("iam:UpdateUser", 1).replace(
            r#""Resource":"*""#,
            r#""Resource":"arn:aws:iam::111122223333:user/ann""#,
        );
        let mover = alcazar.user("mover", &only).await;
        iam(
            &mover,
            "UpdateUser",
            json!({"UserName": "ann", "NewUserName": "ann"}),
        )
        .await
        .ok();
        let denied = iam(
            &mover,
            "UpdateUser",
            json!({"UserName": "ann", "NewUserName": "bob"}),
        );
        let denied = denied.await.fails("AccessDenied");
        assert!(
            denied
                .message()
                .contains("on resource: arn:aws:iam::111122223333:user/bob ")
        );
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let input = json!({"UserName": "ann", "NewUserName": "bob"});
        denies(&alcazar, "UpdateUser", input.clone()).await;
        root(&alcazar, "UpdateUser", input).await;
        let event = alcazar.event("UpdateUser").await;
        assert_eq!(event["requestParameters"]["newUserName"], "bob");
    }
}
