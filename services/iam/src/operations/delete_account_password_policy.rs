//! `iam:DeleteAccountPasswordPolicy`: back to AWS's own demands.

use iam_api::{operations, permission};
use identity::PasswordPolicy;
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use storage::Record;
use wire::Empty;

use crate::errors;
use crate::passwords::policy;

pub(crate) struct DeleteAccountPasswordPolicy;

impl Operation for DeleteAccountPasswordPolicy {
    type Api = operations::DeleteAccountPasswordPolicy;
    type Target = ();

    async fn access(_: &Empty, _: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        Ok(Access::to((), permission::DeleteAccountPasswordPolicy {}))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let policy = policy(call.look()).await?;
        let policy = policy.ok_or_else(|| errors::no_password_policy(call.call().account()))?;
        call.delete::<PasswordPolicy>(&policy.key());
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{denies, fails, root, server};

    #[tokio::test]
    async fn is_gone_guarded_and_recorded() {
        let alcazar = server().await;
        root(&alcazar, "UpdateAccountPasswordPolicy", json!({})).await;
        denies(&alcazar, "DeleteAccountPasswordPolicy", json!({})).await;
        root(&alcazar, "DeleteAccountPasswordPolicy", json!({})).await;
        let event = alcazar.event("DeleteAccountPasswordPolicy").await;
        assert_eq!(event["readOnly"], false);
        let error = (
            "NoSuchEntity",
            "The Password Policy with domain name 111122223333 cannot be found.",
        );
        for operation in ["DeleteAccountPasswordPolicy", "GetAccountPasswordPolicy"] {
            fails(&alcazar, operation, json!({}), error).await;
        }
    }
}
