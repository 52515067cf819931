//! When and how a key gets new material.
//!
//! AWS document: AWS KMS Developer Guide, "Rotate AWS KMS keys".

use base::Timestamp;
use kms_api::shapes::{KeyManagerType, KeySpec, OriginType, RotationType};
use pipeline::Failure;
use pipeline::audit::{ServiceEvent, Told};
use serde_json::json;

use crate::errors;
use crate::event;
use crate::key::Key;
use crate::key_material::{Opened, bound_to, new_id};
use crate::materials::{Kept, Rotated, Version};
use crate::wrapping::Wrapping;

/// Days between two rotations unless the caller says otherwise.
pub(crate) const DEFAULT_PERIOD: i64 = 365;
const DAY: i64 = 86_400;
/// A rotation that comes later than this behind its time, as that of a key that was disabled, begins a new schedule.
const LATE: i64 = DAY;

/// That a key is rotated by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Schedule {
    /// `RotationPeriodInDays`
    pub(crate) period_in_days: i64,
    /// `NextRotationDate`
    pub(crate) next: Timestamp,
}

impl Schedule {
    /// Every `period_in_days` from `now` on. Keys that AWS manages have one of 365 days from the day they are made.
    pub(crate) fn from(now: Timestamp, period_in_days: i64) -> Self {
        Self {
            period_in_days,
            next: now.plus_seconds(period_in_days * DAY),
        }
    }

    /// After a rotation at `now`.
    fn after(self, now: Timestamp) -> Self {
        let from = match now.seconds_since(self.next) {
            ..=LATE => self.next,
            _ => now,
        };
        Self::from(from, self.period_in_days)
    }
}

/// Refuses keys that are never rotated by themselves, or not by themselves alone.
pub(crate) fn check_automatic(key: &Key) -> Result<(), Failure> {
    check_kind(key)?;
    if key.origin != OriginType::AwsKms {
        return Err(errors::unsupported_origin(&key.arn, key.origin));
    }
    check_managed_by_account(key)?;
    check_primary(key)
}

/// Refuses keys that are never rotated on demand, or not by themselves alone.
pub(crate) fn check_on_demand(key: &Key) -> Result<(), Failure> {
    check_kind(key)?;
    if !matches!(key.origin, OriginType::AwsKms | OriginType::External) {
        return Err(errors::unsupported_origin(&key.arn, key.origin));
    }
    check_managed_by_account(key)?;
    check_primary(key)
}

/// Refuses keys that have one material for ever.
pub(crate) fn check_kind(key: &Key) -> Result<(), Failure> {
    match key.spec {
        KeySpec::SymmetricDefault => Ok(()),
        other => Err(errors::unsupported(format!(
            "{} has key spec {other} which is not valid for this operation.",
            key.arn
        ))),
    }
}

fn check_managed_by_account(key: &Key) -> Result<(), Failure> {
    match key.manager {
        KeyManagerType::Customer => Ok(()),
        KeyManagerType::Aws => Err(errors::unsupported(format!(
            "{} is an AWS managed key which is not valid for this operation.",
            key.arn
        ))),
    }
}

/// AWS: the rotation of related keys follows that of the primary key.
fn check_primary(key: &Key) -> Result<(), Failure> {
    match key.is_replica() {
        false => Ok(()),
        true => Err(errors::unsupported(format!(
            "{} is a multi-Region replica key. Call this operation on its primary key.",
            key.arn
        ))),
    }
}

/// `keys`, which are one key or a primary key and its replicas, with new material that is made here.
pub(crate) fn with_new_material(
    keys: &[&Key],
    wrapping: &impl Wrapping,
    rotated: Rotated,
) -> Result<Vec<Key>, Failure> {
    let Some(primary) = keys.first() else {
        return Ok(Vec::new());
    };
    let material = Opened::generate(primary.spec)?;
    let version = Version {
        number: primary.state.versions().next_number(),
        id: new_id(),
        rotated: Some(rotated),
    };
    let with = |key: &&Key| {
        let domain = wrapping.domain_key_of(key.account, key.region)?;
        let wrapped = material.wrap(&domain, &bound_to(&key.arn, version.number));
        let mut versions = key.state.versions();
        versions.append(Kept {
            version: version.clone(),
            imported: None,
            wrapped: Some(wrapped.map_err(Failure::internal)?),
        });
        Ok(changed(key, key.state.with(versions), rotated))
    };
    keys.iter().map(with).collect()
}

/// `keys` with the material that was imported into each of them for this.
pub(crate) fn with_imported_material(keys: &[&Key], rotated: Rotated) -> Vec<Key> {
    let with = |key: &&Key| {
        let mut versions = key.state.versions();
        versions.rotate(rotated);
        changed(key, key.state.with(versions), rotated)
    };
    keys.iter().map(with).collect()
}

fn changed(key: &Key, state: crate::key_state::KeyState, rotated: Rotated) -> Key {
    let after = |schedule: Schedule| match rotated.kind {
        RotationType::Automatic => schedule.after(rotated.at),
        // AWS: rotations on demand leave the schedule as it is.
        RotationType::OnDemand => schedule,
    };
    Key {
        state,
        rotation: key.rotation.map(after),
        ..key.clone()
    }
}

/// The service's own events of a rotation of `old` that gave `new`.
/// AWS document: AWS KMS Developer Guide, "RotateKey" (AWS CloudTrail log entries).
pub(crate) fn events(old: &Key, new: &Key, kind: RotationType) -> Vec<ServiceEvent> {
    let details = json!({
        "rotationType": kind.as_str(),
        "keyOrigin": new.origin.as_str(),
        "previousKeyMaterialId": old.state.material_id(),
        "currentKeyMaterialId": new.state.material_id(),
        "keyId": new.id.to_string(),
    });
    let rotated = event::of(new, "RotateKey", Told::Details(details));
    std::iter::once(rotated)
        .chain(event::synchronized(new))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_goes_on_unless_it_was_missed() {
        let day = |number: i64| Timestamp::from_seconds(number * DAY);
        let schedule = Schedule::from(day(0), 90);
        assert_eq!(schedule.next, day(90));
        for (now, next) in [(90, 180), (91, 180), (92, 182), (400, 490)] {
            assert_eq!(schedule.after(day(now)).next, day(next), "{now}");
        }
        let minute = day(90).plus_seconds(60);
        assert_eq!(schedule.after(minute).next, day(180));
    }
}
