//! `iam:UntagUser`: a user without the tags of these keys.

use iam_api::shapes::UntagUserRequest;
use iam_api::{operations, permission};
use identity::User;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::find::Named;
use crate::tagging;

pub(crate) struct UntagUser;

impl Operation for UntagUser {
    type Api = operations::UntagUser;
    type Target = Named<User>;

    async fn access(input: &UntagUserRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let user = Named::<User>::find(look, &input.user_name).await?;
        let needs = permission::UntagUser {
            user: user.resource(),
            tag_keys: input.tag_keys.clone(),
        };
        Ok(Access::to(user, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let user = call.target().found()?;
        let keys = call.input().tag_keys.iter().map(String::as_str);
        call.put(User {
            tags: tagging::without(&user.tags, keys),
            ..User::clone(user)
        });
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, root, server, user};

    #[tokio::test]
    async fn removes_without_case() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let tags = json!([{"Key": "Team", "Value": "x"}, {"Key": "stage", "Value": "y"}]);
        root(
            &alcazar,
            "TagUser",
            json!({"UserName": "ann", "Tags": tags}),
        )
        .await;
        root(
            &alcazar,
            "UntagUser",
            json!({"UserName": "ann", "TagKeys": ["team", "none"]}),
        )
        .await;
        let listed = root(&alcazar, "ListUserTags", json!({"UserName": "ann"})).await;
        assert_eq!(listed.fields("Key"), ["stage"]);
        let missing = ("NoSuchEntity", "The user with name none cannot be found.");
        fails(
            &alcazar,
            "UntagUser",
            json!({"UserName": "none", "TagKeys": ["a"]}),
            missing,
        )
        .await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let input = json!({"UserName": "ann", "TagKeys": ["a"]});
        denies(&alcazar, "UntagUser", input.clone()).await;
        root(&alcazar, "UntagUser", input).await;
        let event = alcazar.event("UntagUser").await;
        assert_eq!(event["requestParameters"]["tagKeys"], json!(["a"]));
    }
}
