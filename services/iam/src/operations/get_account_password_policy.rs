//! `iam:GetAccountPasswordPolicy`: what the account demands of passwords.

use iam_api::operations;
use iam_api::shapes::{self, GetAccountPasswordPolicyResponse};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::errors;
use crate::passwords::{ReadPasswordPolicy, policy};

pub(crate) struct GetAccountPasswordPolicy;

impl Operation for GetAccountPasswordPolicy {
    type Api = operations::GetAccountPasswordPolicy;
    type Target = ();

    async fn access(_: &Empty, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), ReadPasswordPolicy::of(look).await?))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetAccountPasswordPolicyResponse, Failure> {
        let policy = policy(call.look()).await?;
        let policy = policy.ok_or_else(|| errors::no_password_policy(call.call().account()))?;
        Ok(GetAccountPasswordPolicyResponse {
            password_policy: shapes::PasswordPolicy {
                minimum_password_length: Some(policy.minimum_length),
                require_symbols: Some(policy.symbols),
                require_numbers: Some(policy.numbers),
                require_uppercase_characters: Some(policy.uppercase),
                require_lowercase_characters: Some(policy.lowercase),
                allow_users_to_change_password: Some(policy.users_may_change),
                expire_passwords: Some(policy.max_age_days.is_some()),
                max_password_age: policy.max_age_days,
                password_reuse_prevention: policy.reuse_prevention,
                hard_expiry: Some(policy.hard_expiry),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, root, server};

    #[tokio::test]
    async fn until_one_is_set_there_is_none() {
        let alcazar = server().await;
        let error = (
            "NoSuchEntity",
            "The Password Policy with domain name 111122223333 cannot be found.",
        );
        fails(&alcazar, "GetAccountPasswordPolicy", json!({}), error).await;
        let input = json!({"PasswordReusePrevention": 3, "RequireNumbers": true});
        root(&alcazar, "UpdateAccountPasswordPolicy", input).await;
        let found = root(&alcazar, "GetAccountPasswordPolicy", json!({})).await;
        assert_eq!(found.field("PasswordReusePrevention"), "3");
        assert_eq!(found.field("RequireNumbers"), "true");
        assert_eq!(found.field("HardExpiry"), "false");
    }

    #[tokio::test]
    async fn is_guarded_and_recorded() {
        let alcazar = server().await;
        denies(&alcazar, "GetAccountPasswordPolicy", json!({})).await;
        root(&alcazar, "UpdateAccountPasswordPolicy", json!({})).await;
        root(&alcazar, "GetAccountPasswordPolicy", json!({})).await;
        let event = alcazar.event("GetAccountPasswordPolicy").await;
        assert_eq!(event["readOnly"], true);
    }
}
