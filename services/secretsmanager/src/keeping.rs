//! Keeps a changed secret, and its replicas as it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{Region, Timestamp};
use pipeline::{Failure, LastUse, Operation, Permitted};
use storage::{Record, Writes};

use crate::deletion::Deletion;
use crate::due::Due;
use crate::replication::{Replica, Replication};
use crate::rotation::Rotation;
use crate::sealed_value::SealedValue;
use crate::secret::Secret;
use crate::value::Value;
use crate::version::Versions;
use crate::{encryption, rotation_events, sealed_value};

/// A change of a secret, to be kept.
pub(crate) struct Change<'v> {
    /// The secret as it shall be.
    pub(crate) secret: Secret,
    /// A new version's id and value.
    pub(crate) fresh: Option<(&'v str, &'v Value)>,
    /// Versions that are no more.
    pub(crate) dropped: Vec<String>,
    /// Regions where the replica may take the place of another secret of the same name.
    pub(crate) overwrite: Vec<Region>,
}

impl Change<'_> {
    /// A change of everything but values.
    pub(crate) fn of(secret: Secret) -> Self {
        Self {
            secret,
            fresh: None,
            dropped: Vec::new(),
            overwrite: Vec::new(),
        }
    }

    /// Keeps it in all regions, or nothing. A region where KMS refuses stays as it was, and its replica says so.
    pub(crate) async fn keep<O: Operation>(
        mut self,
        call: &Permitted<'_, O>,
    ) -> Result<Secret, Failure> {
        let now = call.call().now();
        self.secret.changed = now;
        self.see_to_rotation(call, now).await?;
        if let Some((id, value)) = self.fresh {
            call.put(encryption::seal(call, &self.secret, id, value).await?);
        }
        for id in &self.dropped {
            call.write(sealed_value::without(&self.secret, id));
        }
        let mut replicas = self.secret.replication.replicas().to_vec();
        for replica in &mut replicas {
            replica.failure = match self.copy(call, replica).await {
                Ok(()) => None,
                Err(failure) => Some(told(failure)?),
            };
        }
        if !replicas.is_empty() {
            self.secret.replication = Replication::To(replicas);
        }
        call.put(self.secret.clone());
        Ok(self.secret)
    }

    /// What the change means for a rotation that is under way or planned.
    async fn see_to_rotation<O: Operation>(
        &mut self,
        call: &Permitted<'_, O>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let before = call.look().get::<Secret>(&self.secret.key()).await?;
        if let Some(before) = &before {
            let token = before.pending_token();
            let fresh = self.fresh.map(|(id, _)| id);
            if self.secret.follow_change(before, fresh, now) {
                call.record(&rotation_events::abandoned(&self.secret, &token));
            }
        }
        let mut writes = Writes::none();
        Due::move_in_queue(before.as_deref(), Some(&self.secret), &mut writes);
        call.write(writes);
        Ok(())
    }

    async fn copy<O: Operation>(
        &self,
        call: &Permitted<'_, O>,
        replica: &Replica,
    ) -> Result<(), Failure> {
        let primary = &self.secret;
        let found = same_name(call, primary, replica.region).await?;
        let before = found.as_deref().filter(|found| is_copy(found, primary));
        let taken = found.as_deref().filter(|found| !is_copy(found, primary));
        let overwrite = self.overwrite.contains(&replica.region);
        if taken.is_some_and(|taken| !overwrite || taken.replication != Replication::None) {
            return Err(name_is_taken(primary, replica.region));
        }
        let mut copy = blank_copy(primary, replica, before);
        let (values, keys) = self.missing_values(call, &copy, before).await?;
        copy.versions = Versions::replica_of(&primary.versions, &keys);
        if let Some(taken) = taken {
            forget_values(call, taken);
        }
        for value in values {
            call.put(value);
        }
        for gone in before.iter().flat_map(|before| before.versions.iter()) {
            if copy.versions.get(&gone.id).is_none() {
                call.write(sealed_value::without(&copy, &gone.id));
            }
        }
        call.put(copy);
        Ok(())
    }

    /// What the copy lacks of the versions in use, sealed in its region; and the keys of all the versions it has.
    async fn missing_values<O: Operation>(
        &self,
        call: &Permitted<'_, O>,
        copy: &Secret,
        before: Option<&Secret>,
    ) -> Result<(Vec<SealedValue>, BTreeMap<String, Vec<Option<String>>>), Failure> {
        let known = before.iter().flat_map(|before| before.versions.iter());
        let known = known.map(|version| (version.id.clone(), version.kms_key_ids.clone()));
        let mut keys: BTreeMap<_, _> = known.collect();
        let mut values = Vec::new();
        for version in self.secret.versions.in_use() {
            if keys.contains_key(&version.id) || !version.has_own_value() {
                continue;
            }
            let value = match self.fresh {
                Some((id, value)) if id == version.id => value.clone(),
                _ => encryption::open(call, &self.secret, &version.id).await?,
            };
            values.push(encryption::seal(call, copy, &version.id, &value).await?);
            keys.insert(version.id.clone(), vec![copy.kms_key_id.clone()]);
        }
        Ok((values, keys))
    }
}

/// The secret of this name in another region.
pub(crate) async fn same_name<O: Operation>(
    call: &Permitted<'_, O>,
    secret: &Secret,
    region: Region,
) -> Result<Option<Arc<Secret>>, Failure> {
    let place = Secret::key_of(secret.account, &region, &secret.name);
    call.look().get::<Secret>(&place).await
}

/// Whether `other` is a replica of `primary`, and not of one that had the name before.
pub(crate) fn is_copy(other: &Secret, primary: &Secret) -> bool {
    other.replication == Replication::ReplicaOf(primary.region)
        && other.suffix() == primary.suffix()
}

/// The copy of `primary` for the place of `replica`, without versions.
fn blank_copy(primary: &Secret, replica: &Replica, before: Option<&Secret>) -> Secret {
    let resource = primary.arn.resource();
    let resource = resource.strip_prefix("secret:").unwrap_or(resource);
    Secret {
        arn: Secret::arn_of(primary.account, &replica.region, resource),
        region: replica.region,
        kms_key_id: replica.kms_key_id.clone(),
        created: before.map_or(primary.changed, |before| before.created),
        versions: Versions::default(),
        replication: Replication::ReplicaOf(primary.region),
        rotation: primary.rotation.as_ref().map(Rotation::of_copy),
        ..primary.clone()
    }
}

/// Removes all values of `secret`, and its place in the queue of deletions.
pub(crate) fn forget_values<O: Operation>(call: &Permitted<'_, O>, secret: &Secret) {
    for version in secret.versions.iter() {
        call.write(sealed_value::without(secret, &version.id));
    }
    if let Some(at) = secret.deletion {
        call.delete::<Deletion>(&Deletion::of(secret, at).key());
    }
    let mut writes = Writes::none();
    Due::move_in_queue(Some(secret), None, &mut writes);
    writes.delete::<LastUse>(&LastUse::key_of(&secret.arn));
    call.write(writes);
}

/// Removes `secret` and all that belongs to it.
pub(crate) fn forget<O: Operation>(call: &Permitted<'_, O>, secret: &Secret) {
    forget_values(call, secret);
    call.delete::<Secret>(&secret.key());
}

fn name_is_taken(primary: &Secret, region: Region) -> Failure {
    wire::errors::VALIDATION
        .says(
            wire::Protocol::Json11,
            format!(
                "Replication failed: Secret name {} already exists in region {region}.",
                primary.name
            ),
        )
        .into()
}

/// What a replica says of a failure that is not ours.
fn told(failure: Failure) -> Result<String, Failure> {
    match failure {
        Failure::Fault(fault) | Failure::Denied { fault, .. } => Ok(fault.message.into_owned()),
        Failure::Conflict | Failure::Internal(_) => Err(failure),
    }
}
