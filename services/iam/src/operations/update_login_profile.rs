//! `iam:UpdateLoginProfile`: another password for a user, set by somebody who may.

use iam_api::shapes::UpdateLoginProfileRequest;
use iam_api::{operations, permission};
use identity::{LoginProfile, User};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::find::Named;
use crate::passwords;

pub(crate) struct UpdateLoginProfile;

impl Operation for UpdateLoginProfile {
    type Api = operations::UpdateLoginProfile;
    type Target = Named<User>;

    async fn access(
        input: &UpdateLoginProfileRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let named = Named::<User>::find(look, &input.user_name).await?;
        let user = named.resource();
        Ok(Access::to(named, permission::UpdateLoginProfile { user }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let input = call.input();
        let profile = passwords::profile(call.look(), call.target().found()?).await?;
        let mut changed = LoginProfile::clone(&profile);
        if let Some(password) = &input.password {
            let hash = passwords::accepted(&call, password, Some(&profile)).await?;
            changed = changed.changed_to(hash, call.call().now());
        }
        if let Some(reset_required) = input.password_reset_required {
            changed.reset_required = reset_required;
        }
        call.put(changed);
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ANYTHING, denies, fails, iam, root, server, user};

    #[tokio::test]
    async fn sets_another() {
        let alcazar = server().await;
        let ann = alcazar.user("ann", ANYTHING).await;
        let input = json!({"UserName": "ann", "Password": "Tr0ub4dor&3"});
        root(&alcazar, "CreateLoginProfile", input).await;
        let input =
            json!({"UserName": "ann", "Password": "correct-Horse7", "PasswordResetRequired": true});
        root(&alcazar, "UpdateLoginProfile", input).await;
        let found = root(&alcazar, "GetLoginProfile", json!({"UserName": "ann"})).await;
        assert_eq!(found.field("PasswordResetRequired"), "true");
        for (old, code) in [("Tr0ub4dor&3", "AccessDenied"), ("correct-Horse7", "")] {
            let change = json!({"OldPassword": old, "NewPassword": "staple-Battery9"});
            let answer = iam(&ann, "ChangePassword", change).await;
            assert_eq!(answer.code(), code);
        }
        let found = root(&alcazar, "GetLoginProfile", json!({"UserName": "ann"})).await;
        assert_eq!(found.field("PasswordResetRequired"), "false");
    }

    #[tokio::test]
    async fn refuses() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let input = json!({"UserName": "ann", "Password": "Tr0ub4dor&3"});
        let missing = (
            "NoSuchEntity",
            "Login Profile for User ann cannot be found.",
        );
        fails(&alcazar, "UpdateLoginProfile", input.clone(), missing).await;
        let none = ("NoSuchEntity", "The user with name none cannot be found.");
        fails(
            &alcazar,
            "UpdateLoginProfile",
            json!({"UserName": "none"}),
            none,
        )
        .await;
        let policy = json!({"MinimumPasswordLength": 8, "PasswordReusePrevention": 1});
        root(&alcazar, "UpdateAccountPasswordPolicy", policy).await;
        root(&alcazar, "CreateLoginProfile", input.clone()).await;
        let weak = json!({"UserName": "ann", "Password": "short"});
        for (input, says) in [
            (weak, "it should have a minimum length of 8."),
            (input, "it was used before."),
        ] {
            let message =
                format!("Password does not conform to the account password policy: {says}");
            let error = ("PasswordPolicyViolation", &*message);
            fails(&alcazar, "UpdateLoginProfile", input, error).await;
        }
    }

    #[tokio::test]
    async fn is_guarded_and_recorded_without_the_password() {
        let alcazar = server().await;
        user(&alcazar, "ann").await;
        let input = json!({"UserName": "ann", "Password": "Tr0ub4dor&3"});
        denies(&alcazar, "UpdateLoginProfile", input.clone()).await;
        root(&alcazar, "CreateLoginProfile", input.clone()).await;
        root(&alcazar, "UpdateLoginProfile", input).await;
        let event = alcazar.event("UpdateLoginProfile").await;
        assert_eq!(event["requestParameters"]["userName"], "ann");
        assert!(!event.to_string().contains("Tr0ub4dor"));
    }
}
