//! `iam:GetLoginProfile`: whether a user has a password, and since when.

use iam_api::shapes::{self, GetLoginProfileRequest, GetLoginProfileResponse};
use iam_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Subject;
use crate::passwords;

pub(crate) struct GetLoginProfile;

impl Operation for GetLoginProfile {
    type Api = operations::GetLoginProfile;
    type Target = Subject;

    async fn access(
        input: &GetLoginProfileRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        Ok(Access::to(subject, permission::GetLoginProfile { user }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetLoginProfileResponse, Failure> {
        let user = call.target().user()?;
        let profile = passwords::profile(call.look(), user).await?;
        Ok(GetLoginProfileResponse {
            login_profile: shapes::LoginProfile {
                user_name: user.name.clone(),
                create_date: profile.created,
                password_reset_required: Some(profile.reset_required),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, root, server, user};

    #[tokio::test]
    async fn stays_with_the_user() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let missing = (
            "NoSuchEntity",
            "Login Profile for User ann cannot be found.",
        );
        let ann = json!({"UserName": "ann"});
        fails(&alcazar, "GetLoginProfile", ann.clone(), missing).await;
        let input = json!({"UserName": "ann", "Password": "Tr0ub4dor&3"});
        root(&alcazar, "CreateLoginProfile", input).await;
        let renamed = json!({"UserName": "ann", "NewUserName": "bob"});
        root(&alcazar, "UpdateUser", renamed).await;
        let found = root(&alcazar, "GetLoginProfile", json!({"UserName": "bob"})).await;
        assert_eq!(found.field("UserName"), "bob");
        assert_eq!(found.field("PasswordResetRequired"), "false");
        // Whoever gets the name has not the password.
        user(&alcazar, "ann").await;
        fails(&alcazar, "GetLoginProfile", ann, missing).await;
    }

    #[tokio::test]
    async fn of_root_there_is_none() {
        let alcazar = server().await;
        let error = (
            "NoSuchEntity",
            "Login Profile for User root cannot be found.",
        );
        fails(&alcazar, "GetLoginProfile", json!({}), error).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        denies(&alcazar, "GetLoginProfile", json!({"UserName": "ann"})).await;
        let input = json!({"UserName": "ann", "Password": "Tr0ub4dor&3"});
        root(&alcazar, "CreateLoginProfile", input).await;
        root(&alcazar, "GetLoginProfile", json!({"UserName": "ann"})).await;
        let event = alcazar.event("GetLoginProfile").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
    }
}
