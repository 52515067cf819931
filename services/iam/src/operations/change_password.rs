//! `iam:ChangePassword`: another password for the user who calls.

use std::sync::Arc;

use crypto::PasswordHash;
use iam_api::shapes::ChangePasswordRequest;
use iam_api::{operations, permission};
use identity::{Identity, LoginProfile};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::errors;
use crate::passwords::{OwnPassword, accepted, profile};

pub(crate) struct ChangePassword;

impl Operation for ChangePassword {
    type Api = operations::ChangePassword;
    type Target = ();

    async fn access(_: &ChangePasswordRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let user = Arc::new(OwnPassword::of(look).await?);
        Ok(Access::to((), permission::ChangePassword { user }))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let Identity::User(user) = &call.call().caller().identity else {
            return Err(errors::only_users_change_passwords());
        };
        let profile = profile(call.look(), user).await?;
        let secret = format!("password of {}", user.id);
        if !call.may_guess(&secret) {
            return Err(errors::too_many_guesses());
        }
        let (old, new) = (&call.input().old_password, &call.input().new_password);
        let hash = PasswordHash::from_text(profile.hash.clone());
        if !call.is_password(old, vec![hash]).await? {
            return Err(errors::wrong_old_password());
        }
        call.guessed(&secret);
        let hash = accepted(&call, new, Some(&profile)).await?;
        call.put(LoginProfile {
            reset_required: false,
            ..profile.changed_to(hash, call.call().now())
        });
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use harness::{Alcazar, Answer, Client};
    use serde_json::json;

    use crate::testing::{ANYTHING, denies, iam, root, server};

    const FIRST: &str = "Tr0ub4dor&3";

    async fn ann(alcazar: &Alcazar) -> Client {
        let ann = alcazar.user("ann", ANYTHING).await;
        let input = json!({"UserName": "ann", "Password": FIRST});
        root(alcazar, "CreateLoginProfile", input).await;
        ann
    }

    async fn change(who: &Client, old: &str, new: &str) -> Answer {
        let input = json!({"OldPassword": old, "NewPassword": new});
        iam(who, "ChangePassword", input).await
    }

    #[tokio::test]
    async fn former_passwords_are_remembered() {
        let alcazar = server().await;
        let ann = ann(&alcazar).await;
        let policy = json!({"PasswordReusePrevention": 2, "HardExpiry": true, "MaxPasswordAge": 1});
        root(&alcazar, "UpdateAccountPasswordPolicy", policy).await;
        change(&ann, FIRST, FIRST)
            .await
            .fails("PasswordPolicyViolation");
        change(&ann, FIRST, "second-One2").await.ok();
        change(&ann, "second-One2", FIRST)
            .await
            .fails("PasswordPolicyViolation");
        change(&ann, "second-One2", "third-One3").await.ok();
        change(&ann, "third-One3", FIRST).await.ok();
    }

    #[tokio::test]
    async fn guessing_ends_soon() {
        let alcazar = server().await;
        let ann = ann(&alcazar).await;
        for _ in 0..5 {
            let answer = change(&ann, "guess", "new-One2").await;
            answer
                .fails("AccessDenied")
                .saying("The old password was incorrect.");
        }
        change(&ann, FIRST, "new-One23")
            .await
            .fails("EntityTemporarilyUnmodifiable");
        alcazar.clock.advance_seconds(300);
        change(&ann, FIRST, "new-One23").await.ok();
    }

    #[tokio::test]
    async fn only_of_users() {
        let alcazar = server().await;
        let session = alcazar.role_session("Ops", ANYTHING).await;
        for client in [alcazar.root(), session] {
            change(&client, "a", "b").await.fails("InvalidUserType");
        }
        let bob = alcazar.user("bob", ANYTHING).await;
        let answer = change(&bob, "a", "b").await.fails("NoSuchEntity");
        answer.saying("Login Profile for User bob cannot be found.");
        let ann = ann(&alcazar).await;
        change(&ann, FIRST, "weak")
            .await
            .fails("PasswordPolicyViolation");
    }

    #[tokio::test]
    async fn is_guarded_and_recorded_without_passwords() {
        let alcazar = server().await;
        let ann = ann(&alcazar).await;
        let input = json!({"OldPassword": FIRST, "NewPassword": "new-One23"});
        denies(&alcazar, "ChangePassword", input).await;
        change(&ann, FIRST, "new-One23").await.ok();
        for event in alcazar.events().await {
            let text = event.to_string();
            assert!(
                !text.contains(FIRST) && !text.contains("new-One23"),
                "{text}"
            );
        }
        let event = alcazar.event("ChangePassword").await;
        assert_eq!(event["userIdentity"]["userName"], "ann");
    }
}
