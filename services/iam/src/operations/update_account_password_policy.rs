//! `iam:UpdateAccountPasswordPolicy`: what the account demands of passwords from now on.

use iam_api::shapes::UpdateAccountPasswordPolicyRequest;
use iam_api::{operations, permission};
use identity::PasswordPolicy;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

/// Characters at least, unless the caller says otherwise. AWS: "If you do not specify a value […] 6."
const SHORTEST: i32 = 6;

pub(crate) struct UpdateAccountPasswordPolicy;

impl Operation for UpdateAccountPasswordPolicy {
    type Api = operations::UpdateAccountPasswordPolicy;
    type Target = ();

    async fn access(
        _: &UpdateAccountPasswordPolicyRequest,
        _: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::UpdateAccountPasswordPolicy {}))
    }

    /// AWS: "This operation does not support partial updates." What is left out is as if it never was set.
    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let input = call.input();
        call.put(PasswordPolicy {
            account: call.call().account(),
            minimum_length: input.minimum_password_length.unwrap_or(SHORTEST),
            symbols: input.require_symbols.unwrap_or_default(),
            numbers: input.require_numbers.unwrap_or_default(),
            uppercase: input.require_uppercase_characters.unwrap_or_default(),
            lowercase: input.require_lowercase_characters.unwrap_or_default(),
            users_may_change: input.allow_users_to_change_password.unwrap_or_default(),
            max_age_days: input.max_password_age,
            reuse_prevention: input.password_reuse_prevention,
            hard_expiry: input.hard_expiry.unwrap_or_default(),
        });
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ANYTHING, denies, iam, root, server};

    #[tokio::test]
    async fn is_whole_each_time() {
        let alcazar = server().await;
        for (input, length, expires, age) in [
            (
                json!({"MinimumPasswordLength": 12, "MaxPasswordAge": 90, "RequireSymbols": true}),
                "12",
                "true",
                "90",
            ),
            (json!({}), "6", "false", ""),
        ] {
            root(&alcazar, "UpdateAccountPasswordPolicy", input).await;
            let found = root(&alcazar, "GetAccountPasswordPolicy", json!({})).await;
            assert_eq!(found.field("MinimumPasswordLength"), length);
            assert_eq!(found.field("ExpirePasswords"), expires);
            assert_eq!(found.field("MaxPasswordAge"), age);
        }
    }

    #[tokio::test]
    async fn bounds() {
        let alcazar = server().await;
        for input in [
            json!({"MinimumPasswordLength": 5}),
            json!({"MinimumPasswordLength": 129}),
            json!({"MaxPasswordAge": 0}),
            json!({"MaxPasswordAge": 1096}),
            json!({"PasswordReusePrevention": 25}),
        ] {
            iam(&alcazar.root(), "UpdateAccountPasswordPolicy", input)
                .await
                .fails("ValidationError");
        }
    }

    #[tokio::test]
    async fn may_let_users_change_their_own() {
        let alcazar = server().await;
        let powerless = alcazar.powerless().await;
        let change = json!({"OldPassword": "a", "NewPassword": "b"});
        for (allow, code) in [(false, "AccessDenied"), (true, "NoSuchEntity")] {
            let input = json!({"AllowUsersToChangePassword": allow});
            root(&alcazar, "UpdateAccountPasswordPolicy", input).await;
            iam(&powerless, "ChangePassword", change.clone())
                .await
                .fails(code);
            let read = iam(&powerless, "GetAccountPasswordPolicy", json!({})).await;
            assert_eq!(read.status == 200, allow);
        }
        let deny = ANYTHING.replace("Allow", "Deny");
        let ann = alcazar.user("ann", &deny).await;
        iam(&ann, "ChangePassword", change.clone())
            .await
            .fails("AccessDenied");
        let other = alcazar
            .other_user("zoe", &deny.replace("iam:*", "s3:*"))
            .await;
        iam(&other, "ChangePassword", change)
            .await
            .fails("AccessDenied");
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        let input = json!({"HardExpiry": true});
        denies(&alcazar, "UpdateAccountPasswordPolicy", input.clone()).await;
        root(&alcazar, "UpdateAccountPasswordPolicy", input).await;
        let event = alcazar.event("UpdateAccountPasswordPolicy").await;
        assert_eq!(event["requestParameters"]["hardExpiry"], true);
    }
}
