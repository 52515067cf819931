//! `kms:DisableKey`: forbids every use of a key, until it is enabled.

use kms_api::shapes::DisableKeyRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::key::Key;
use crate::key_usage;
use crate::queue;
use crate::sought::Sought;

pub(crate) struct DisableKey;

impl Operation for DisableKey {
    type Api = operations::DisableKey;
    type Target = Sought;

    async fn access(input: &DisableKeyRequest, look: &Lookup<'_>) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::DisableKey {
            key: sought.resource(),
            trailing_days_without_key_usage: key_usage::trailing_days(look, &sought).await?,
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let key = call.target().key()?;
        key.not_pending_deletion()?;
        key.not_pending_import()?;
        let disabled = Key {
            state: key.state.disabled(),
            ..Key::clone(key)
        };
        call.write(queue::replace(key, disabled));
        Ok(Empty)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, blob};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn nothing_uses_the_key() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let (key, other) = (root.new_key().await, root.new_key().await);
        let sealed = root.encrypted(&key, "x").await;
        root.kms("DisableKey", json!({"KeyId": key})).await.ok();
        let words = format!("{} is disabled.", arn(&key));
        for (operation, input) in [
            ("Encrypt", json!({"KeyId": key, "Plaintext": blob("x")})),
            ("Decrypt", json!({"CiphertextBlob": sealed})),
            (
                "ReEncrypt",
                json!({"CiphertextBlob": sealed, "DestinationKeyId": other}),
            ),
            (
                "GenerateDataKey",
                json!({"KeyId": key, "KeySpec": "AES_256"}),
            ),
            (
                "GenerateDataKeyWithoutPlaintext",
                json!({"KeyId": key, "KeySpec": "AES_256"}),
            ),
        ] {
            root.kms(operation, input)
                .await
                .fails("DisabledException")
                .saying(&words);
        }
        let event = alcazar.event("DisableKey").await;
        assert_eq!(event["requestParameters"], json!({"keyId": key}));
        assert_eq!(event["responseElements"], Value::Null);
        assert_eq!(event["readOnly"], false);
    }

    #[tokio::test]
    async fn not_when_it_is_going_to_be_deleted() {
        let root = alcazar().await.root();
        let key = json!({"KeyId": root.new_key().await});
        root.kms("ScheduleKeyDeletion", key.clone()).await.ok();
        root.kms("DisableKey", key)
            .await
            .fails("KMSInvalidStateException");
    }

    #[tokio::test]
    async fn a_policy_may_protect_keys_in_use() {
        let alcazar = alcazar().await;
        let key = json!({"KeyId": alcazar.root().new_key().await});
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
            {"Effect": "Deny", "Action": ["kms:DisableKey", "kms:ScheduleKeyDeletion"],
                "Resource": "*",
                "Condition": {"NumericLessThan": {"kms:TrailingDaysWithoutKeyUsage": "90"}}},
        ]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        ann.kms("DisableKey", key.clone())
            .await
            .fails("AccessDeniedException");
        ann.kms("ScheduleKeyDeletion", key)
            .await
            .fails("AccessDeniedException");
    }
}
