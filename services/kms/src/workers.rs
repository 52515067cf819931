//! What KMS does unasked: deletes keys whose waiting period is over, rotates keys whose time has come, and forgets
//! imported material that has expired.

use std::time::Duration;

use base::Region;
use kms_api::shapes::RotationType;
use pipeline::audit::Told;
use pipeline::{Duty, Failure, LastUse, Worker};
use serde_json::json;
use storage::{Held, Reads, Writes};

use crate::custom_key_store::worker as upkeep;
use crate::grant::Grant;
use crate::key::Key;
use crate::key_state::KeyState;
use crate::materials::Rotated;
use crate::multi_region::{self, MultiRegion};
use crate::queue::{self, Deletion, Due, Expiry, Queue, Rotation, Walk};
use crate::{event, rotation};

/// Name of the worker that deletes keys.
pub(crate) const KEY_DELETION: &str = "kms key deletion";
/// Name of the worker that rotates keys.
pub(crate) const KEY_ROTATION: &str = "kms key rotation";
/// Name of the worker that forgets expired material.
pub(crate) const KEY_MATERIAL_EXPIRY: &str = "kms key material expiry";

const ROUND: Duration = Duration::from_secs(60);

/// What KMS does unasked.
pub(crate) const WORKERS: &[Worker] = &[
    Worker {
        name: KEY_DELETION,
        every: ROUND,
        run: |duty| Box::pin(delete_due_keys(duty)),
    },
    Worker {
        name: KEY_ROTATION,
        every: ROUND,
        run: |duty| Box::pin(rotate_due_keys(duty)),
    },
    Worker {
        name: KEY_MATERIAL_EXPIRY,
        every: ROUND,
        run: |duty| Box::pin(forget_expired_material(duty)),
    },
    Worker {
        name: upkeep::CUSTOM_KEY_STORES,
        every: Duration::from_secs(1),
        run: |duty| Box::pin(upkeep::upkeep(duty)),
    },
];

/// A failure with one key does not keep the others waiting; the round ends with the first of them.
async fn delete_due_keys(duty: Duty<'_>) -> Result<(), Failure> {
    let (mut walk, mut outcome) = (Walk::<Deletion>::new(), Ok(()));
    loop {
        let due = walk.next(&duty).await?;
        if due.is_empty() {
            return outcome;
        }
        for due in due {
            outcome = outcome.and(delete_key(&duty, &due).await);
        }
    }
}

async fn rotate_due_keys(duty: Duty<'_>) -> Result<(), Failure> {
    let (mut walk, mut outcome) = (Walk::<Rotation>::new(), Ok(()));
    loop {
        let due = walk.next(&duty).await?;
        if due.is_empty() {
            return outcome;
        }
        for due in due {
            outcome = outcome.and(rotate_key(&duty, &due).await);
        }
    }
}

async fn forget_expired_material(duty: Duty<'_>) -> Result<(), Failure> {
    let (mut walk, mut outcome) = (Walk::<Expiry>::new(), Ok(()));
    loop {
        let due = walk.next(&duty).await?;
        if due.is_empty() {
            return outcome;
        }
        for due in due {
            outcome = outcome.and(expire_material(&duty, &due).await);
        }
    }
}

/// The key that is due, unless it has changed meanwhile: then the next round sees to it.
async fn still_due<Q: Queue>(duty: &Duty<'_>, due: &Due<Q>) -> Result<Option<Held<Key>>, Failure> {
    let key = duty.get::<Key>(&due.of_key()).await?;
    Ok(key.filter(|key| Q::at(key) == Some(due.at)))
}

/// Deletes the key. The related keys of a replica forget it; a primary key that waited for that begins to wait for its
/// own deletion.
async fn delete_key(duty: &Duty<'_>, due: &Due<Deletion>) -> Result<(), Failure> {
    let Some(key) = still_due(duty, due).await? else {
        return Ok(());
    };
    upkeep::before_deletion(duty, &key).await?;
    let mut reads = Reads::none();
    reads.held(&key);
    let mut writes = queue::remove(&key);
    writes.delete::<LastUse>(&LastUse::key_of(&key.arn));
    for related in multi_region::related_held(duty, &key).await? {
        reads.held(&related);
        let left = without_replica(duty, &related, key.region);
        writes.extend(queue::replace(&related, left));
    }
    if key.granted {
        let grants = duty.all::<Grant>(&Grant::prefix(&key)).await?;
        let removed = grants.iter().map(|grant| grant.removed());
        removed.for_each(|removed| writes.extend(removed));
    }
    // AWS document: AWS KMS Developer Guide, "DeleteKey".
    let event = event::of(&key, "DeleteKey", Told::Nothing);
    duty.commit(reads, writes, &[event]).await?;
    Ok(())
}

fn without_replica(duty: &Duty<'_>, key: &Key, region: Region) -> Key {
    let mut left = key.clone();
    if let Some(related) = &mut left.multi_region {
        related.replicas.remove(&region);
    }
    let last = left
        .multi_region
        .as_ref()
        .is_none_or(|related: &MultiRegion| related.replicas.is_empty());
    if let (true, KeyState::PendingReplicaDeletion { window_in_days, .. }) = (last, &key.state) {
        let at = duty.now().plus_seconds(window_in_days * 86_400);
        left.state = key.state.pending_deletion(at);
    }
    left
}

/// Gives the key and its replicas new material.
async fn rotate_key(duty: &Duty<'_>, due: &Due<Rotation>) -> Result<(), Failure> {
    let Some(key) = still_due(duty, due).await? else {
        return Ok(());
    };
    let replicas = multi_region::related_held(duty, &key).await?;
    let (mut reads, mut writes) = (Reads::none(), Writes::none());
    let held: Vec<&Held<Key>> = std::iter::once(&key).chain(&replicas).collect();
    let keys: Vec<&Key> = held.iter().map(|held| &***held).collect();
    let kind = RotationType::Automatic;
    let rotated = Rotated {
        at: duty.now(),
        kind,
    };
    let new = rotation::with_new_material(&keys, duty, rotated)?;
    let events = new.first().map(|new| rotation::events(&key, new, kind));
    for (old, new) in held.iter().zip(new) {
        reads.held(old);
        writes.extend(queue::replace(old, new));
    }
    duty.commit(reads, writes, &events.unwrap_or_default())
        .await?;
    Ok(())
}

/// Forgets every material of the key that has expired.
async fn expire_material(duty: &Duty<'_>, due: &Due<Expiry>) -> Result<(), Failure> {
    let Some(key) = still_due(duty, due).await? else {
        return Ok(());
    };
    let mut versions = key.state.versions();
    let expired = versions.expired(duty.now());
    let mut events = Vec::new();
    for id in &expired {
        versions.forget(id, key.is_replica());
        // AWS document: AWS KMS Developer Guide, "DeleteExpiredKeyMaterial".
        let details = json!({"keyId": key.id.to_string(), "keyMaterialId": id});
        events.push(event::of(
            &key,
            "DeleteExpiredKeyMaterial",
            Told::Details(details),
        ));
    }
    let mut reads = Reads::none();
    reads.held(&key);
    let left = Key {
        state: key.state.with(versions),
        ..Key::clone(&key)
    };
    let mut writes = queue::replace(&key, left);
    for related in multi_region::related_held(duty, &key).await? {
        if let Some(left) = multi_region::without_pending(&key, &related, &expired) {
            reads.held(&related);
            writes.extend(queue::replace(&related, left));
        }
    }
    duty.commit(reads, writes, &events).await?;
    Ok(())
}
