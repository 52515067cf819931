//! `kms:DescribeKey`: everything about a key but its policy, tags and aliases.

use kms_api::shapes::{DescribeKeyRequest, DescribeKeyResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::custom_key_store::sealing::store_of;
use crate::grant::token;
use crate::metadata;
use crate::sought::Sought;

pub(crate) struct DescribeKey;

impl Operation for DescribeKey {
    type Api = operations::DescribeKey;
    type Target = Sought;

    async fn access(
        input: &DescribeKeyRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::anywhere(look, &input.key_id).await?;
        let needs = permission::DescribeKey {
            key: sought.resource(),
            request_alias: sought.request_alias(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<DescribeKeyResponse, Failure> {
        let input = call.input();
        let key = call.target().key()?;
        token::check(call.look(), &input.grant_tokens).await?;
        let told = match key.custody.elsewhere() {
            None => metadata::of(key),
            Some(place) => {
                let store = store_of(call.look(), key, place).await?;
                metadata::in_store(key, &store)
            }
        };
        Ok(DescribeKeyResponse {
            key_metadata: Some(told),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn in_every_state() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        for (change, state, enabled, deletion) in [
            ("EnableKey", "Enabled", "true", ""),
            ("DisableKey", "Disabled", "false", ""),
            (
                "ScheduleKeyDeletion",
                "PendingDeletion",
                "false",
                "1798007893",
            ),
        ] {
            root.kms(change, json!({"KeyId": key})).await.ok();
            let described = root
                .kms("DescribeKey", json!({"KeyId": arn(&key)}))
                .await
                .ok();
            assert_eq!(described.field("/KeyMetadata/KeyState"), state);
            assert_eq!(described.field("/KeyMetadata/Enabled"), enabled);
            assert_eq!(described.field("/KeyMetadata/DeletionDate"), deletion);
            assert_eq!(
                described.field("/KeyMetadata/CurrentKeyMaterialId").len(),
                64
            );
        }
        let event = alcazar.event("DescribeKey").await;
        assert_eq!(event["requestParameters"], json!({"keyId": arn(&key)}));
        assert_eq!(event["responseElements"], Value::Null);
        assert_eq!(event["readOnly"], true);
    }

    #[tokio::test]
    async fn no_grant_token_is_valid() {
        let root = alcazar().await.root();
        let input = json!({"KeyId": root.new_key().await, "GrantTokens": ["t"]});
        root.kms("DescribeKey", input)
            .await
            .fails("InvalidGrantTokenException");
    }
}
