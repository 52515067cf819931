//! `kms:GetKeyRotationStatus`: whether and when a key is rotated by itself.

use kms_api::shapes::{GetKeyRotationStatusRequest, GetKeyRotationStatusResponse, OriginType};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::errors;
use crate::sought::Sought;

pub(crate) struct GetKeyRotationStatus;

impl Operation for GetKeyRotationStatus {
    type Api = operations::GetKeyRotationStatus;
    type Target = Sought;

    async fn access(
        input: &GetKeyRotationStatusRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::key_named(look, &input.key_id).await?;
        let needs = permission::GetKeyRotationStatus {
            key: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetKeyRotationStatusResponse, Failure> {
        let key = call.target().key()?;
        if key.origin != OriginType::AwsKms {
            return Err(errors::unsupported_origin(&key.arn, key.origin));
        }
        // AWS: a key that is pending deletion is not rotated, and says so.
        let schedule = key.rotation.filter(|_| key.not_pending_deletion().is_ok());
        let period = schedule.map(|schedule| schedule.period_in_days);
        Ok(GetKeyRotationStatusResponse {
            key_rotation_enabled: Some(schedule.is_some()),
            key_id: Some(key.arn.to_string()),
            rotation_period_in_days: period.and_then(|days| i32::try_from(days).ok()),
            next_rotation_date: schedule.map(|schedule| schedule.next),
            // A rotation on demand is complete before it is acknowledged.
            on_demand_rotation_start_date: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn a_new_key_is_not_rotated() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let status = root
            .kms("GetKeyRotationStatus", json!({"KeyId": arn(&key)}))
            .await
            .ok();
        let expected = json!({"KeyId": arn(&key), "KeyRotationEnabled": false});
        assert_eq!(status.json().unwrap(), expected);
        let event = alcazar.event("GetKeyRotationStatus").await;
        assert_eq!(event["readOnly"], true);
        assert_eq!(event["responseElements"], Value::Null);
    }

    #[tokio::test]
    async fn rotation_rests_with_a_key_that_is_to_be_deleted() {
        let root = alcazar().await.root();
        let key = json!({"KeyId": root.new_key().await});
        root.kms("EnableKeyRotation", key.clone()).await.ok();
        for (change, enabled) in [
            ("DisableKey", "true"),
            ("ScheduleKeyDeletion", "false"),
            ("CancelKeyDeletion", "true"),
        ] {
            root.kms(change, key.clone()).await.ok();
            let status = root.kms("GetKeyRotationStatus", key.clone()).await.ok();
            assert_eq!(status.field("KeyRotationEnabled"), enabled, "{change}");
        }
    }

    #[tokio::test]
    async fn not_of_imported_keys() {
        let root = alcazar().await.root();
        let made = root.kms("CreateKey", json!({"Origin": "EXTERNAL"})).await;
        let key = made.ok().field("/KeyMetadata/KeyId");
        let words = format!(
            "{} origin is EXTERNAL which is not valid for this operation.",
            arn(&key)
        );
        root.kms("GetKeyRotationStatus", json!({"KeyId": key}))
            .await
            .fails("UnsupportedOperationException")
            .saying(&words);
    }

    #[tokio::test]
    async fn other_accounts_may_ask_if_they_are_let() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let policy = json!({"Statement": [
            {"Effect": "Allow", "Action": "kms:*", "Resource": "*",
                "Principal": {"AWS": "111122223333"}},
            {"Effect": "Allow", "Action": "kms:GetKeyRotationStatus", "Resource": "*",
                "Principal": {"AWS": "444455556666"}},
        ]});
        let made = root.kms("CreateKey", json!({"Policy": policy.to_string()}));
        let key = made.await.ok().field("/KeyMetadata/Arn");
        let other = alcazar.other_root();
        other
            .kms("GetKeyRotationStatus", json!({"KeyId": key}))
            .await
            .ok();
        let key = arn(&root.new_key().await);
        other
            .kms("GetKeyRotationStatus", json!({"KeyId": key}))
            .await
            .fails("AccessDeniedException");
    }
}
