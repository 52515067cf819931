//! `kms:RotateKeyOnDemand`: gives a key new material now. What was sealed before opens for ever.

use base::Timestamp;
use kms_api::shapes::{
    OriginType, RotateKeyOnDemandRequest, RotateKeyOnDemandResponse, RotationType,
};
use kms_api::{operations, permission};
use pipeline::{Access, Failure, Lookup, Operation, Permitted};

use crate::key::Key;
use crate::materials::Rotated;
use crate::sought::Sought;
use crate::{errors, multi_region, queue, rotation};

/// Rotations on demand of one key.
/// Source: AWS KMS API Reference, RotateKeyOnDemand.
const MOST: usize = 25;
/// Seconds before an automatic rotation in which AWS refuses one on demand.
const NEAR: i64 = 20 * 60;

pub(crate) struct RotateKeyOnDemand;

impl Operation for RotateKeyOnDemand {
    type Api = operations::RotateKeyOnDemand;
    type Target = Sought;

    async fn access(
        input: &RotateKeyOnDemandRequest,
        look: &Lookup<'_>,
    ) -> Result<Access<Self>, Failure> {
        let sought = Sought::own(look, &input.key_id).await?;
        let needs = permission::RotateKeyOnDemand {
            key: sought.resource(),
        };
        Ok(Access::to(sought, needs))
    }

    async fn run(call: Permitted<'_, Self>) -> Result<RotateKeyOnDemandResponse, Failure> {
        let key = call.target().key()?;
        check(&call, key)?;
        let replicas = multi_region::related(call.look(), key).await?;
        let keys = std::iter::once(key).chain(&replicas);
        let keys: Vec<&Key> = keys.map(|key| &**key).collect();
        let kind = RotationType::OnDemand;
        let rotated = Rotated {
            at: call.call().now(),
            kind,
        };
        let new = match key.origin {
            OriginType::External => {
                check_imported(&keys, rotated.at)?;
                rotation::with_imported_material(&keys, rotated)
            }
            _ => rotation::with_new_material(&keys, &call, rotated)?,
        };
        let events = new.first().map(|new| rotation::events(key, new, kind));
        for (old, new) in keys.iter().zip(new) {
            call.write(queue::replace(old, new));
        }
        for event in events.iter().flatten() {
            call.record(event);
        }
        Ok(RotateKeyOnDemandResponse {
            key_id: Some(key.arn.to_string()),
        })
    }
}

fn check(call: &Permitted<'_, RotateKeyOnDemand>, key: &Key) -> Result<(), Failure> {
    let now = call.call().now();
    rotation::check_on_demand(key)?;
    key.materials(now)?;
    let near = |schedule: rotation::Schedule| schedule.next.seconds_since(now) <= NEAR;
    if key.rotation.is_some_and(near) {
        return Err(errors::rotation_is_near(&key.arn));
    }
    match key.state.versions().rotations_on_demand() {
        ..MOST => Ok(()),
        _ => Err(errors::too_many_rotations(&key.arn)),
    }
}

/// Refuses a rotation to material that is not there in each of `keys`, or has expired by `now`.
fn check_imported(keys: &[&Key], now: Timestamp) -> Result<(), Failure> {
    let imported = |key: &&Key| {
        let versions = key.state.versions();
        let pending = versions.pending();
        pending.is_some_and(|pending| pending.is_there(now))
    };
    match (keys.iter().all(imported), keys.first()) {
        (false, Some(key)) => Err(errors::nothing_to_rotate_to(&key.arn)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Kms, alcazar, arn, blob, unblob};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn what_was_sealed_before_opens_for_ever() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let (mut sealed, mut ids) = (Vec::new(), Vec::new());
        for round in 0..4 {
            let input = json!({"KeyId": key, "NumberOfBytes": 9});
            let made = root.kms("GenerateDataKey", input).await.ok();
            ids.push(made.field("KeyMaterialId"));
            sealed.push((made.field("CiphertextBlob"), made.field("Plaintext")));
            if round < 3 {
                alcazar.clock.advance_seconds(1);
                let rotated = root.kms("RotateKeyOnDemand", json!({"KeyId": key})).await;
                assert_eq!(rotated.ok().field("KeyId"), arn(&key));
            }
        }
        for ((ciphertext, plaintext), id) in sealed.iter().zip(&ids) {
            let input = json!({"CiphertextBlob": ciphertext});
            let opened = root.kms("Decrypt", input).await.ok();
            assert_eq!(&opened.field("Plaintext"), plaintext);
            assert_eq!(&opened.field("KeyMaterialId"), id);
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 4);
        let input = json!({"CiphertextBlob": sealed[0].0, "DestinationKeyId": key});
        let moved = root.kms("ReEncrypt", input).await.ok();
        assert_ne!(
            moved.field("SourceKeyMaterialId"),
            moved.field("DestinationKeyMaterialId")
        );
    }

    #[tokio::test]
    async fn the_call_and_the_rotation_are_both_recorded() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = root.new_key().await;
        let described = root.kms("DescribeKey", json!({"KeyId": key})).await.ok();
        let previous = described.field("/KeyMetadata/CurrentKeyMaterialId");
        root.kms("RotateKeyOnDemand", json!({"KeyId": key}))
            .await
            .ok();
        let described = root.kms("DescribeKey", json!({"KeyId": key})).await.ok();
        let current = described.field("/KeyMetadata/CurrentKeyMaterialId");
        assert_ne!(previous, current);
        let call = alcazar.event("RotateKeyOnDemand").await;
        assert_eq!(call["responseElements"], json!({"keyId": arn(&key)}));
        let event = alcazar.event("RotateKey").await;
        assert_eq!(event["eventType"], "AwsServiceEvent");
        assert_eq!(event["userIdentity"]["invokedBy"], "AWS Internal");
        assert_eq!(event["requestParameters"], Value::Null);
        assert_eq!(
            event["serviceEventDetails"],
            json!({"rotationType": "ON_DEMAND", "keyOrigin": "AWS_KMS", "keyId": key,
                "previousKeyMaterialId": previous, "currentKeyMaterialId": current})
        );
    }

    #[tokio::test]
    async fn a_version_that_never_was() {
        let root = alcazar().await.root();
        let key = root.new_key().await;
        let sealed = unblob(&root.encrypted(&key, "x").await);
        root.kms("RotateKeyOnDemand", json!({"KeyId": key}))
            .await
            .ok();
        // The version lies behind format, account, region and id.
        for version in [0u8, 2, 3, 255] {
            let mut altered = sealed.clone();
            altered[35] = version;
            let input = json!({"CiphertextBlob": blob(altered), "KeyId": key});
            root.kms("Decrypt", input)
                .await
                .fails("InvalidCiphertextException");
        }
    }

    #[tokio::test]
    async fn twenty_five_times() {
        let root = alcazar().await.root();
        let key = json!({"KeyId": root.new_key().await});
        for _ in 0..25 {
            root.kms("RotateKeyOnDemand", key.clone()).await.ok();
        }
        root.kms("RotateKeyOnDemand", key)
            .await
            .fails("LimitExceededException");
    }

    #[tokio::test]
    async fn not_while_an_automatic_one_is_near() {
        let alcazar = alcazar().await;
        let root = alcazar.root();
        let key = json!({"KeyId": root.new_key().await});
        root.kms("EnableKeyRotation", key.clone()).await.ok();
        alcazar.clock.advance_seconds(365 * 86_400 - 1201);
        root.kms("RotateKeyOnDemand", key.clone()).await.ok();
        let status = root.kms("GetKeyRotationStatus", key.clone()).await.ok();
        assert_eq!(status.field("NextRotationDate"), "1826951893");
        alcazar.clock.advance_seconds(1);
        root.kms("RotateKeyOnDemand", key)
            .await
            .fails("ConflictException");
    }

    #[tokio::test]
    async fn what_is_refused() {
        let root = alcazar().await.root();
        let key = json!({"KeyId": root.new_key().await});
        for (change, code) in [
            ("DisableKey", "DisabledException"),
            ("ScheduleKeyDeletion", "KMSInvalidStateException"),
        ] {
            root.kms(change, key.clone()).await.ok();
            root.kms("RotateKeyOnDemand", key.clone()).await.fails(code);
        }
        let made = root.kms("CreateKey", json!({"Origin": "EXTERNAL"})).await;
        let id = made.ok().field("/KeyMetadata/KeyId");
        root.kms("RotateKeyOnDemand", json!({"KeyId": id}))
            .await
            .fails("KMSInvalidStateException")
            .saying(&format!("{} is pending import.", arn(&id)));
    }
}
