//! `kms:EnableKeyRotation`: gives a key new material again and again.

use kms_api::shapes::EnableKeyRotationRequest;
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};
use wire::Empty;

use crate::key::Key;
use crate::rotation::{self, DEFAULT_PERIOD, Schedule};
use crate::sought::Sought;
use crate::{event, multi_region, queue};

pub(crate) struct EnableKeyRotation;

impl Operation for EnableKeyRotation {
    type Api = operations::EnableKeyRotation;
    type Target = Sought;

    async fn access(
        input: &EnableKeyRotationRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::EnableKeyRotation {
            key: sought.resource(),
            rotation_period_in_days: Some(period(input)),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<Empty, Failure> {
        let key = call.target().key()?;
        let (now, period) = (call.call().now(), period(call.input()));
        rotation::check_automatic(key)?;
        key.materials(now)?;
        // To enable what is enabled does not put it off.
        let kept = key
            .rotation
            .filter(|schedule| schedule.period_in_days == period);
        let schedule = kept.unwrap_or_else(|| Schedule::from(now, period));
        set(&call, key, Some(schedule)).await?;
        Ok(Empty)
    }
}

fn period(input: &EnableKeyRotationRequest) -> i64 {
    input
        .rotation_period_in_days
        .map_or(DEFAULT_PERIOD, i64::from)
}

/// Gives a key, and its replicas, this schedule.
pub(super) async fn set<O: Operation>(
    call: &Permitted<'_, O>,
    key: &Key,
    rotation: Option<Schedule>,
) -> Result<(), Failure> {
    let with = |key: &Key| Key {
        rotation,
        ..key.clone()
    };
    for related in multi_region::related(call.look(), key).await? {
        call.write(queue::replace(&related, with(&related)));
    }
    call.write(queue::replace(key, with(key)));
    if let Some(event) = event::synchronized(key) {
        call.record(&event);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn a_year_unless_asked_otherwise() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        for (period, days, next) in [
            (Value::Null, 365, 1_826_951_893),
            (json!(90), 90, 1_803_191_893),
            (json!(2560), 2560, 2_016_599_893),
        ] {
            let key = root.new_key().await;
            let input = json!({"KeyId": key, "RotationPeriodInDays": period});
            let enabled = root.kms("EnableKeyRotation", input).await.ok();
            assert_eq!(enabled.text, "{}");
            let status = root
                .kms("GetKeyRotationStatus", json!({"KeyId": key}))
                .await;
            assert_eq!(
                status.ok().json().unwrap(),
                json!({"KeyId": arn(&key), "KeyRotationEnabled": true,
                    "RotationPeriodInDays": days, "NextRotationDate": next})
            );
        }
        let event = alcazar.event("EnableKeyRotation").await;
        assert_eq!(
            event["requestParameters"]["keyId"].as_str().unwrap().len(),
            36
        );
        assert_eq!(event["readOnly"], false);
    }

    #[tokio::test]
    async fn to_enable_it_again_does_not_put_it_off() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let next = async |input: Value| {
            root.kms("EnableKeyRotation", input).await.ok();
            let status = root
                .kms("GetKeyRotationStatus", json!({"KeyId": key}))
                .await;
            status.ok().field("NextRotationDate")
        };
        assert_eq!(next(json!({"KeyId": key})).await, "1826951893");
        alcazar.clock.advance_seconds(86_400);
        assert_eq!(next(json!({"KeyId": key})).await, "1826951893");
        let other = json!({"KeyId": key, "RotationPeriodInDays": 364});
        assert_eq!(next(other).await, "1826951893");
        let other = json!({"KeyId": key, "RotationPeriodInDays": 366});
        assert_eq!(next(other).await, "1827124693");
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        for (days, bound) in [
            (89, "greater than or equal to 90"),
            (2561, "less than or equal to 2560"),
        ] {
            let input = json!({"KeyId": key, "RotationPeriodInDays": days});
            let words = format!(
                "1 validation error detected: Value '{days}' at 'rotationPeriodInDays' failed to \
                 satisfy constraint: Member must have value {bound}"
            );
            let refused = root.kms("EnableKeyRotation", input).await;
            refused.fails("ValidationException").saying(&words);
        }
        let made = root.kms("CreateKey", json!({"Origin": "EXTERNAL"})).await;
        let imported = made.ok().field("/KeyMetadata/KeyId");
        let words = format!(
            "{} origin is EXTERNAL which is not valid for this operation.",
            arn(&imported)
        );
        let refused = root
            .kms("EnableKeyRotation", json!({"KeyId": imported}))
            .await;
        refused
            .fails("UnsupportedOperationException")
            .saying(&words);
        root.kms("DisableKey", json!({"KeyId": key})).await.ok();
        let refused = root.kms("EnableKeyRotation", json!({"KeyId": key})).await;
        refused.fails("DisabledException");
        root.kms("ScheduleKeyDeletion", json!({"KeyId": key}))
            .await
            .ok();
        let refused = root.kms("EnableKeyRotation", json!({"KeyId": key})).await;
        refused.fails("KMSInvalidStateException");
    }

    #[tokio::test]
    async fn policies_see_the_period() {
        let alcazar = alcazar().await;
        let key = alcazar.root().new_key().await;
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": "kms:EnableKeyRotation", "Resource": "*", "Condition":
            {"NumericLessThanEquals": {"kms:RotationPeriodInDays": "180"}}}]});
        let ann = alcazar.user("ann", &policy.to_string()).await;
        for (period, code) in [
            (json!(181), "AccessDeniedException"),
            (Value::Null, "AccessDeniedException"),
            (json!(180), ""),
        ] {
            let input = json!({"KeyId": key, "RotationPeriodInDays": period});
            let answer = ann.kms("EnableKeyRotation", input).await;
            match code {
                "" => answer.ok(),
                code => answer.fails(code),
            };
        }
    }
}
