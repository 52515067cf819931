//! `kms:ScheduleKeyDeletion`: forbids every use of a key, and deletes it in some days.

use kms_api::shapes::{ScheduleKeyDeletionRequest, ScheduleKeyDeletionResponse};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::key::Key;
use crate::key_usage;
use crate::sought::Sought;
use crate::{errors, metadata, queue};

/// Days to wait unless the caller says otherwise.
const DEFAULT_WINDOW: i64 = 30;
const SHORTEST_WINDOW: i64 = 7;
const LONGEST_WINDOW: i64 = 30;

pub(crate) struct ScheduleKeyDeletion;

impl Operation for ScheduleKeyDeletion {
    type Api = operations::ScheduleKeyDeletion;
    type Target = Sought;

    async fn access(
        input: &ScheduleKeyDeletionRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::ScheduleKeyDeletion {
            key: sought.resource(),
            schedule_key_deletion_pending_window_in_days: Some(asked_window(input)),
            trailing_days_without_key_usage: key_usage::trailing_days(look, &sought).await?,
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<ScheduleKeyDeletionResponse, Failure> {
        let key = call.target().key()?;
        let days = window(call.input())?;
        key.not_pending_deletion()?;
        let at = call.call().now().plus_seconds(days * 86_400);
        // AWS: the waiting period of a primary key begins when the last of its replicas is gone.
        let (state, deletion_date) = match key.has_replicas() {
            true => (key.state.pending_replica_deletion(days), None),
            false => (key.state.pending_deletion(at), Some(at)),
        };
        let scheduled = Key {
            state,
            ..Key::clone(key)
        };
        let key_state = Some(metadata::state(&scheduled));
        call.write(queue::replace(key, scheduled));
        Ok(ScheduleKeyDeletionResponse {
            key_id: Some(key.arn.to_string()),
            deletion_date,
            key_state,
            pending_window_in_days: i32::try_from(days).ok(),
        })
    }
}

fn asked_window(input: &ScheduleKeyDeletionRequest) -> i64 {
    input
        .pending_window_in_days
        .map_or(DEFAULT_WINDOW, i64::from)
}

/// The days to wait, within AWS's limits.
fn window(input: &ScheduleKeyDeletionRequest) -> Result<i64, Failure> {
    let days = asked_window(input);
    let bound = match days {
        ..SHORTEST_WINDOW => format!("greater than or equal to {SHORTEST_WINDOW}"),
        SHORTEST_WINDOW..=LONGEST_WINDOW => return Ok(days),
        _ => format!("less than or equal to {LONGEST_WINDOW}"),
    };
    Err(errors::validation(format!(
        "1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to satisfy \
         constraint: Member must have value {bound}"
    )))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn a_month_unless_asked_otherwise() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for (window, days, date) in [
            (Value::Null, 30, 1_798_007_893),
            (json!(7), 7, 1_796_020_693),
            (json!(30), 30, 1_798_007_893),
        ] {
            let key = root.new_key().await;
            let input = json!({"KeyId": key, "PendingWindowInDays": window});
            let scheduled = root.kms("ScheduleKeyDeletion", input).await.ok();
            assert_eq!(
                scheduled.json().unwrap(),
                json!({"KeyId": arn(&key), "DeletionDate": date, "KeyState": "PendingDeletion",
                    "PendingWindowInDays": days})
            );
        }
        let event = alcazar.event("ScheduleKeyDeletion").await;
        assert_eq!(event["responseElements"]["keyState"], "PendingDeletion");
        assert_eq!(event["readOnly"], false);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        for (days, bound) in [
            (6, "greater than or equal to 7"),
            (31, "less than or equal to 30"),
            (0, "greater than or equal to 1"),
        ] {
            let input = json!({"KeyId": key, "PendingWindowInDays": days});
            let words = format!(
                "1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to \
                 satisfy constraint: Member must have value {bound}"
            );
            root.kms("ScheduleKeyDeletion", input)
                .await
                .fails("ValidationException")
                .saying(&words);
        }
        root.kms("ScheduleKeyDeletion", json!({"KeyId": key}))
            .await
            .ok();
        let words = format!("{} is pending deletion.", arn(&key));
        let again = root.kms("ScheduleKeyDeletion", json!({"KeyId": key})).await;
        again.fails("KMSInvalidStateException").saying(&words);
    }

    #[tokio::test]
    async fn policies_see_the_window() {
        let alcazar = alcazar().await;
        let key = alcazar.root().new_key().await;
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": "kms:ScheduleKeyDeletion", "Resource": "*", "Condition":
            {"NumericGreaterThanEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": "21"}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        let input = json!({"KeyId": key, "PendingWindowInDays": 20});
        ann.kms("ScheduleKeyDeletion", input)
            .await
            .fails("AccessDeniedException");
        ann.kms("ScheduleKeyDeletion", json!({"KeyId": key}))
            .await
            .ok();
    }
}
