//! `iam:CreateLoginProfile`: a password for a user.

use iam_api::shapes::{self, CreateLoginProfileRequest, CreateLoginProfileResponse};
use iam_api::{operations, permission};
use identity::LoginProfile;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::find::Subject;
use crate::{errors, passwords};

pub(crate) struct CreateLoginProfile;

impl Operation for CreateLoginProfile {
    type Api = operations::CreateLoginProfile;
    type Target = Subject;

    async fn access(
        input: &CreateLoginProfileRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let subject = Subject::find(look, input.user_name.as_deref()).await?;
        let user = subject.resource(look.call().account());
        Ok(Access::to(subject, permission::CreateLoginProfile { user }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<CreateLoginProfileResponse, Failure> {
        let user = call.target().user()?;
        let key = LoginProfile::key_of(user.account, &user.id);
        if call.look().get::<LoginProfile>(&key).await?.is_some() {
            return Err(errors::login_profile_exists(&user.name));
        }
        let password = call.input().password.as_ref();
        let password = password.ok_or_else(errors::password_missing)?;
        let now = call.call().now();
        let profile = LoginProfile {
            account: user.account,
            user_id: user.id.clone(),
            created: now,
            changed: now,
            reset_required: call.input().password_reset_required.unwrap_or_default(),
            hash: passwords::accepted(&call, password, None).await?,
            former: vec![],
        };
        let login_profile = shapes::LoginProfile {
            user_name: user.name.clone(),
            create_date: now,
            password_reset_required: Some(profile.reset_required),
        };
        call.put(profile);
        Ok(CreateLoginProfileResponse { login_profile })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, root, server, user};

    #[tokio::test]
    async fn one_for_each_user() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let input =
            json!({"UserName": "ann", "Password": "Tr0ub4dor&3", "PasswordResetRequired": true});
        let made = root(&alcazar, "CreateLoginProfile", input.clone()).await;
        assert_eq!(made.field("UserName"), "ann");
        assert_eq!(made.field("CreateDate"), "2026-11-23T06:38:13Z");
        assert_eq!(made.field("PasswordResetRequired"), "true");
        let error = (
            "EntityAlreadyExists",
            "Login Profile for user ann already exists.",
        );
        fails(&alcazar, "CreateLoginProfile", input, error).await;
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        for (who, password, code) in [
            ("none", "Tr0ub4dor&3", "NoSuchEntity"),
            ("ann", "short1A", "PasswordPolicyViolation"),
            ("ann", "allletters", "PasswordPolicyViolation"),
            ("ann", "", "ValidationError"),
            ("ann", "\u{1}23456Aa", "ValidationError"),
        ] {
            let input = json!({"UserName": who, "Password": password});
            let answer = crate::testing::iam(&alcazar.root(), "CreateLoginProfile", input).await;
            let text = answer.fails(code).text;
            assert!(password.is_empty() || !text.contains(password), "{text}");
        }
        let input = json!({"UserName": "ann"});
        let error = ("ValidationError", "A password must be specified.");
        fails(&alcazar, "CreateLoginProfile", input, error).await;
    }

    #[tokio::test]
    async fn is_guarded_and_recorded_without_the_password() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let input = json!({"UserName": "ann", "Password": "Tr0ub4dor&3"});
        denies(&alcazar, "CreateLoginProfile", input.clone()).await;
        root(&alcazar, "CreateLoginProfile", input).await;
        for event in alcazar.events().await {
            let text = event.to_string();
            assert!(
                !text.contains("Tr0ub4dor") && !text.contains("argon2"),
                "{text}"
            );
        }
        let event = alcazar.event("CreateLoginProfile").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
    }
}
