//! `iam:GetUser`: a user, or the one that calls.

use iam_api::shapes::{GetUserRequest, GetUserResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::{Subject, account};
use crate::shapes;

pub(crate) struct GetUser;

impl Operation for GetUser {
    type Api = operations::GetUser;
    type Target = Subject;

    async fn access(input: &GetUserRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        Ok(Access::to(subject, permission::GetUser { user }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetUserResponse, Failure> {
        let user = match call.target() {
            Subject::Root => shapes::root_user(&*account(call.look()).await?),
            Subject::User(user) => shapes::user(user.found()?),
        };
        Ok(GetUserResponse { user })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ANYTHING, denies, fails, iam, root, server};

    #[tokio::test]
    async fn by_name_with_everything() {
        let alcazar = server().await;
        let tags = json!([{"Key": "team", "Value": "x"}]);
        root(
            &alcazar,
            "CreateUser",
            json!({"UserName": "Ann", "Path": "/a/", "Tags": tags}),
        )
        .await;
        let got = root(&alcazar, "GetUser", json!({"UserName": "ann"})).await;
        assert_eq!(got.field("UserName"), "Ann");
        assert_eq!(got.field("Arn"), "arn:aws:iam::111122223333:user/a/Ann");
        assert_eq!(got.field("Key"), "team");
    }

    #[tokio::test]
    async fn without_a_name_it_is_the_caller() {
        let alcazar = server().await;
        let ann = alcazar.user("ann", ANYTHING).await;
        let got = iam(&ann, "GetUser", json!({})).await.ok();
        assert_eq!(got.field("Arn"), "arn:aws:iam::111122223333:user/ann");
        let got = root(&alcazar, "GetUser", json!({})).await;
        assert_eq!(got.field("Arn"), "arn:aws:iam::111122223333:root");
        assert_eq!(got.field("UserId"), "111122223333");
        assert_eq!(got.field("CreateDate"), "2026-11-23T06:38:13Z");
        assert!(!got.text.contains("UserName") && !got.text.contains("<Path>"));
        let session = alcazar.role_session("Ops", ANYTHING).await;
        let answer = iam(&session, "GetUser", json!({}))
            .await
            .fails("ValidationError");
        answer.saying("Must specify userName when calling with non-User credentials");
    }

    #[tokio::test]
    async fn users_of_other_accounts_are_not_seen() {
        let alcazar = server().await;
        alcazar.other_user("ann", ANYTHING).await;
        let missing = ("NoSuchEntity", "The user with name ann cannot be found.");
        fails(&alcazar, "GetUser", json!({"UserName": "ann"}), missing).await;
    }

    #[tokio::test]
    async fn a_denial_does_not_tell_the_path() {
        let alcazar = server().await;
        let input = json!({"UserName": "Ann", "Path": "/secret/"});
        root(&alcazar, "CreateUser", input).await;
        let powerless = alcazar.powerless().await;
        let denied = iam(&powerless, "GetUser", json!({"UserName": "ann"})).await;
        let message = denied.fails("AccessDenied").message();
        let end = "perform: iam:GetUser on resource: user ann because no identity-based policy allows the iam:GetUser action";
        assert!(message.ends_with(end), "{message}");
        let denied = iam(
            &powerless,
            "CreateUser",
            json!({"UserName": "bob", "Path": "/b/"}),
        )
        .await;
        let message = denied.fails("AccessDenied").message();
        assert!(
            message.contains("on resource: arn:aws:iam::111122223333:user/b/bob "),
            "{message}"
        );
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        alcazar.user("ann", ANYTHING).await;
        let powerless = alcazar.powerless().await;
        let there = iam(&powerless, "GetUser", json!({"UserName": "ann"})).await;
        let not_there = iam(&powerless, "GetUser", json!({"UserName": "bob"})).await;
        let message = there.fails("AccessDenied").message();
        assert_eq!(
            message.replace("ann", "bob"),
            not_there.fails("AccessDenied").message()
        );
        denies(&alcazar, "GetUser", json!({})).await;
        root(&alcazar, "GetUser", json!({"UserName": "ann"})).await;
        let event = alcazar.event("GetUser").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
        assert_eq!(event["readOnly"], true);
        assert!(event["responseElements"].is_null());
    }
}
