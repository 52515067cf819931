//! `iam:CreateUser`: a new user.

use std::borrow::Cow;
use std::collections::BTreeMap;

use iam_api::shapes::{CreateUserRequest, CreateUserResponse};
use iam_api::{operations, permission};
use identity::{Prefix, User};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::attachment::{Use, check_boundary, row};
use crate::find::Named;
use crate::{names, shapes, tagging};

pub(crate) struct CreateUser;

impl Operation for CreateUser {
    type Api = operations::CreateUser;
    type Target = Named<User>;

    async fn access(input: &CreateUserRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let path = names::path(&input.path);
        let wanted = Named::<User>::wanted(look, path, &input.user_name).await?;
        let request_tags = tagging::requested(input.tags.as_deref());
        let user = wanted.resource();
        let create = permission::CreateUser {
            user: user.clone(),
            permissions_boundary: input.permissions_boundary.clone().map(Cow::Owned),
            request_tags: request_tags.clone(),
        };
        let access = Access::to(wanted, create);
        Ok(match request_tags.is_empty() {
            true => access,
            false => access.and(permission::TagUser { user, request_tags }),
        })
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateUserResponse, Failure> {
        call.target().free()?;
        let boundary = &call.input().permissions_boundary;
        if let Some(boundary) = boundary {
            check_boundary(call.look(), boundary).await?;
        }
        let user = new_user(&call)?;
        if let Some(boundary) = boundary {
            call.put(row(&user, boundary, Use::Boundary));
        }
        let answer = shapes::user(&user);
        call.put(user);
        Ok(CreateUserResponse { user: Some(answer) })
    }
}

fn new_user(call: &Permitted<'_, CreateUser>) -> Result<User, Failure> {
    let (input, account) = (call.input(), call.call().account());
    let path = names::path(&input.path);
    let tags = input.tags.as_deref().unwrap_or_default();
    Ok(User {
        name: input.user_name.clone(),
        path: path.to_owned(),
        id: call.unique_id(Prefix::User),
        arn: User::arn_of(account, path, &input.user_name),
        account,
        created: call.call().now(),
        tags: tagging::with(&base::Tags::default(), tags)?,
        boundary: input.permissions_boundary.clone(),
        attached: vec![],
        inline: BTreeMap::new(),
        groups: vec![],
        access_keys: vec![],
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, iam, policy, root, server, user};

    #[tokio::test]
    async fn makes_a_user() {
        let alcazar = server().await;
        let made = user(&alcazar, "ann").await;
        assert_eq!(made.field("Arn"), "arn:aws:iam::111122223333:user/ann");
        assert_eq!(made.field("Path"), "/");
        assert_eq!(made.field("UserName"), "ann");
        assert_eq!(made.field("CreateDate"), "2026-11-23T06:38:13Z");
        assert!(made.field("UserId").starts_with("AIDA"));
        assert!(!made.text.contains("Tags") && !made.text.contains("PermissionsBoundary"));
        let input = json!({
            "UserName": "bob", "Path": "/a/b/", "Tags": [{"Key": "team", "Value": "x"}],
            "PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        });
        let made = root(&alcazar, "CreateUser", input).await;
        assert_eq!(made.field("Arn"), "arn:aws:iam::111122223333:user/a/b/bob");
        assert_eq!(made.field("Value"), "x");
        assert_eq!(made.field("PermissionsBoundaryType"), "Policy");
        let boundary = made.field("PermissionsBoundaryArn");
        assert_eq!(boundary, "arn:aws:iam::aws:policy/ReadOnlyAccess");
    }

    #[tokio::test]
    async fn names_are_unique_without_case() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let taken = ("EntityAlreadyExists", "User with name ANN already exists.");
        fails(
            &alcazar,
            "CreateUser",
            json!({"UserName": "ANN", "Path": "/x/"}),
            taken,
        )
        .await;
        let other = alcazar.other_root();
        iam(&other, "CreateUser", json!({"UserName": "ann"}))
            .await
            .ok();
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        let missing = "arn:aws:iam::111122223333:policy/none";
        let scope = format!("Scope ARN: {missing} does not exist or is not attachable.");
        let input = json!({"UserName": "ann", "PermissionsBoundary": missing});
        fails(&alcazar, "CreateUser", input, ("NoSuchEntity", &scope)).await;
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]);
        let twice = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        let input = json!({"UserName": "ann", "Tags": tags});
        fails(&alcazar, "CreateUser", input, ("InvalidInput", twice)).await;
        for input in [
            json!({}),
            json!({"UserName": "a b"}),
            json!({"UserName": "a".repeat(65)}),
        ] {
            iam(&alcazar.root(), "CreateUser", input)
                .await
                .fails("ValidationError");
        }
    }

    #[tokio::test]
    async fn tags_need_a_permission_of_their_own() {
        let alcazar = server().await;
        let maker = alcazar.user("maker", &policy("iam:CreateUser", 1)).await;
        iam(&maker, "CreateUser", json!({"UserName": "ann"}))
            .await
            .ok();
        let input = json!({"UserName": "bob", "Tags": [{"Key": "team", "Value": "x"}]});
        let denied = iam(&maker, "CreateUser", input).await.fails("AccessDenied");
        denied.saying(
            "User: arn:aws:iam::111122223333:user/maker is not authorized to perform: iam:TagUser on \
             resource: arn:aws:iam::111122223333:user/bob because no identity-based policy allows the \
             iam:TagUser action",
        );
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        denies(&alcazar, "CreateUser", json!({"UserName": "ann"})).await;
        let made = user(&alcazar, "ann").await;
        let event = alcazar.event("CreateUser").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
        assert_eq!(
            event["responseElements"]["user"]["userId"],
            made.field("UserId")
        );
        assert_eq!(event["readOnly"], false);
    }
}
