//! `kms:GetKeyLastUsage`: the last cryptographic operation with a key.

use kms_api::shapes::{GetKeyLastUsageRequest, GetKeyLastUsageResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::key_usage;
use crate::sought::Sought;

pub(crate) struct GetKeyLastUsage;

impl Operation for GetKeyLastUsage {
    type Api = operations::GetKeyLastUsage;
    type Target = Sought;

    async fn access(
        input: &GetKeyLastUsageRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::GetKeyLastUsage {
            key: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<GetKeyLastUsageResponse, Failure> {
        let key = call.target().key()?;
        let used = key_usage::last_use(call.look(), key).await?;
        let since = key_usage::tracking_start(call.look(), key).await?;
        Ok(GetKeyLastUsageResponse {
            key_id: Some(key.id.to_string()),
            key_last_usage: Some(key_usage::shape(used)),
            tracking_start_date: Some(since),
            key_creation_date: Some(key.created),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, blob};
    use harness::Alcazar;
    use serde_json::{Value, json};

    /// A server that has noted uses since it began.
    async fn noting() -> Alcazar {
        let alcazar = alcazar().await;
        alcazar.core.run_worker("resource last use").await.unwrap();
        alcazar
    }

    #[tokio::test]
    async fn by_memory_and_by_record() {
        let alcazar = noting().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let asked = json!({"KeyId": key});
        let never = root.kms("GetKeyLastUsage", asked.clone()).await.ok();
        let expected = json!({"KeyId": key, "KeyLastUsage": {}, "TrackingStartDate": 1795415893,
            "KeyCreationDate": 1795415893});
        assert_eq!(never.json().unwrap(), expected);
        alcazar.clock.advance_seconds(90);
        root.encrypted(&key, "x").await;
        root.kms("DescribeKey", asked.clone()).await.ok();
        let event = alcazar.event("Encrypt").await;
        for _ in 0..2 {
            let used = root.kms("GetKeyLastUsage", asked.clone()).await.ok();
            let expected = json!({"Operation": "Encrypt", "Timestamp": 1795415983,
                "CloudTrailEventId": event["eventID"], "KmsRequestId": event["requestID"]});
            assert_eq!(used.json().unwrap()["KeyLastUsage"], expected);
            alcazar.core.run_worker("resource last use").await.unwrap();
        }
        let event = alcazar.event("GetKeyLastUsage").await;
        assert_eq!(event["resources"][0]["ARN"], arn(&key));
        assert_eq!(event["responseElements"], Value::Null);
    }

    #[tokio::test]
    async fn what_did_not_succeed_is_no_use() {
        let alcazar = noting().await;
        let (root, powerless) = (alcazar.root(), alcazar.powerless().await);
        let key = root.new_key().await;
        let input = json!({"KeyId": key, "Plaintext": blob("x"), "DryRun": true});
        root.kms("Encrypt", input.clone())
            .await
            .fails("DryRunOperationException");
        powerless
            .kms("Encrypt", input)
            .await
            .fails("AccessDeniedException");
        let used = root
            .kms("GetKeyLastUsage", json!({"KeyId": key}))
            .await
            .ok();
        assert_eq!(used.field("KeyLastUsage"), "{}");
    }

    #[tokio::test]
    async fn every_key_of_a_call() {
        let alcazar = noting().await;
        let root = alcazar.root();
        let (from, to) = (root.new_key().await, root.new_key().await);
        let sealed = root.encrypted(&from, "x").await;
        alcazar.clock.advance_seconds(60);
        let input = json!({"CiphertextBlob": sealed, "DestinationKeyId": to});
        root.kms("ReEncrypt", input).await.ok();
        for key in [from, to] {
            let used = root
                .kms("GetKeyLastUsage", json!({"KeyId": key}))
                .await
                .ok();
            assert_eq!(used.field("/KeyLastUsage/Operation"), "ReEncrypt");
        }
    }

    #[tokio::test]
    async fn policies_keep_keys_that_are_in_use() {
        let alcazar = noting().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
            {"Effect": "Deny", "Action": ["kms:DisableKey", "kms:ScheduleKeyDeletion"],
             "Resource": "*", "Condition":
             {"NumericLessThanEquals": {"kms:TrailingDaysWithoutKeyUsage": "30"}}},
        ]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        for (days, used, allowed) in [
            (30, false, false),
            (1, false, true),
            (0, true, false),
            (30, false, false),
            (1, false, true),
        ] {
            alcazar.clock.advance_seconds(days * 86_400);
            if used {
                root.encrypted(&key, "x").await;
            }
            for operation in ["DisableKey", "ScheduleKeyDeletion"] {
                let answer = ann.kms(operation, json!({"KeyId": key})).await;
                match allowed {
                    true => answer.ok(),
                    false => answer.fails("AccessDeniedException"),
                };
            }
            if allowed {
                for operation in ["CancelKeyDeletion", "EnableKey"] {
                    root.kms(operation, json!({"KeyId": key})).await.ok();
                }
            }
        }
    }
}
