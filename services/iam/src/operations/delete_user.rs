//! `iam:DeleteUser`: the end of a user that has nothing left.

use iam_api::shapes::DeleteUserRequest;
use iam_api::{operations, permission};
use identity::{Attachment, User};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::attachment::{Use, row};
use crate::find::Named;
use crate::{credentials, errors};

pub(crate) struct DeleteUser;

impl Operation for DeleteUser {
    type Api = operations::DeleteUser;
    type Target = Named<User>;

    async fn access(input: &DeleteUserRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let named = Named::<User>::find(look, &input.user_name).await?;
        let user = named.resource();
        Ok(Access::to(named, permission::DeleteUser { user }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let user = call.target().found()?;
        bare(user)?;
        credentials::none_left(call.look(), user).await?;
        if let Some(boundary) = &user.boundary {
            call.delete::<Attachment>(&row(&**user, boundary, Use::Boundary).key());
        }
        call.delete::<User>(&user.key());
        Ok(Empty {})
    }
}

/// Fails while the user has something. AWS: a permissions boundary does not keep it.
fn bare(user: &User) -> Result<(), Failure> {
    let kept = [
        (user.groups.is_empty(), "remove users from group"),
        (user.attached.is_empty(), "detach all policies"),
        (user.inline.is_empty(), "delete policies"),
        (user.access_keys.is_empty(), "delete access keys"),
    ];
    match kept.into_iter().find(|(is_empty, _)| !is_empty) {
        Some((_, first)) => Err(errors::must_first(first)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, group, policy, root, server, user};

    const POLICY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    #[tokio::test]
    async fn what_a_user_has_must_go_first() {
        let alcazar = server().await;
        let ann = json!({"UserName": "ann"});
        root(
            &alcazar,
            "CreateUser",
            json!({"UserName": "ann", "PermissionsBoundary": POLICY}),
        )
        .await;
        group(&alcazar, "dev").await;
        let key = root(&alcazar, "CreateAccessKey", ann.clone()).await;
        let input =
            json!({"UserName": "ann", "PolicyName": "p", "PolicyDocument": policy("iam:*", 1)});
        root(&alcazar, "PutUserPolicy", input).await;
        let attached = json!({"UserName": "ann", "PolicyArn": POLICY});
        root(&alcazar, "AttachUserPolicy", attached.clone()).await;
        let member = json!({"UserName": "ann", "GroupName": "dev"});
        root(&alcazar, "AddUserToGroup", member.clone()).await;
        let key = json!({"UserName": "ann", "AccessKeyId": key.field("AccessKeyId")});
        for (first, operation, input) in [
            ("remove users from group", "RemoveUserFromGroup", member),
            ("detach all policies", "DetachUserPolicy", attached),
            (
                "delete policies",
                "DeleteUserPolicy",
                json!({"UserName": "ann", "PolicyName": "p"}),
            ),
            ("delete access keys", "DeleteAccessKey", key),
        ] {
            let message = format!("Cannot delete entity, must {first} first.");
            fails(
                &alcazar,
                "DeleteUser",
                ann.clone(),
                ("DeleteConflict", &message),
            )
            .await;
            root(&alcazar, operation, input).await;
        }
        root(&alcazar, "DeleteUser", ann.clone()).await;
        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        fails(&alcazar, "DeleteUser", ann, missing).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        denies(&alcazar, "DeleteUser", json!({"UserName": "ann"})).await;
        root(&alcazar, "DeleteUser", json!({"UserName": "ann"})).await;
        let event = alcazar.event("DeleteUser").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
        assert!(event["responseElements"].is_null());
    }
}
