//! Keys that are the same in several regions.
//!
//! AWS document: AWS KMS Developer Guide, "Multi-Region keys in AWS KMS".

use std::collections::BTreeSet;
use std::sync::Arc;

use base::Region;
use kms_api::shapes::MultiRegionKeyType;
use pipeline::{Duty, Failure, Lookup};
use storage::Held;

use crate::errors;
use crate::key::Key;

/// Which regions hold a multi-Region key. Every one of the related keys knows them all.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MultiRegion {
    /// The region of the primary key.
    pub(crate) primary: Region,
    /// The regions of its replicas.
    pub(crate) replicas: BTreeSet<Region>,
}

impl MultiRegion {
    /// `kms:MultiRegionKeyType` and `MultiRegionKeyType` of the key in `region`.
    pub(crate) fn key_type(&self, region: Region) -> MultiRegionKeyType {
        match region == self.primary {
            true => MultiRegionKeyType::Primary,
            false => MultiRegionKeyType::Replica,
        }
    }
}

/// Every key that is related to `key`, itself left out.
pub(crate) async fn related(look: &Lookup<'_>, key: &Key) -> Result<Vec<Arc<Key>>, Failure> {
    let mut found = Vec::new();
    for region in others(key) {
        let place = Key::key_of(key.account, &region, &key.id);
        let related = look.get::<Key>(&place).await?;
        found.push(related.ok_or_else(|| lost(key))?);
    }
    Ok(found)
}

/// The same for a worker.
pub(crate) async fn related_held(duty: &Duty<'_>, key: &Key) -> Result<Vec<Held<Key>>, Failure> {
    let mut found = Vec::new();
    for region in others(key) {
        let place = Key::key_of(key.account, &region, &key.id);
        let related = duty.get::<Key>(&place).await?;
        found.push(related.ok_or_else(|| lost(key))?);
    }
    Ok(found)
}

fn others(key: &Key) -> Vec<Region> {
    let Some(related) = &key.multi_region else {
        return Vec::new();
    };
    let all = std::iter::once(&related.primary).chain(&related.replicas);
    all.copied()
        .filter(|region| *region != key.region)
        .collect()
}

fn lost(key: &Key) -> Failure {
    Failure::internal(format!("a key related to {} is not there", key.arn))
}

/// `related` without what waits for the next rotation, if that is one of the materials `ids` which `key` has lost.
/// AWS: when the primary key loses it, its replicas do; what a replica loses is that replica's own affair.
pub(crate) fn without_pending(key: &Key, related: &Key, ids: &[String]) -> Option<Key> {
    let mut versions = related.state.versions();
    let pending = versions.pending()?.version.id.clone();
    if key.is_replica() || !ids.contains(&pending) {
        return None;
    }
    versions.forget(&pending, false);
    Some(Key {
        state: related.state.with(versions),
        ..related.clone()
    })
}

/// What is related to `key`, which must be a primary key.
pub(crate) fn check_primary(key: &Key) -> Result<&MultiRegion, Failure> {
    match &key.multi_region {
        Some(related) if related.primary == key.region => Ok(related),
        _ => Err(errors::unsupported(format!(
            "{} is not a multi-Region primary key.",
            key.arn
        ))),
    }
}

/// The region that a caller names.
pub(crate) fn region(text: &str, member: &str) -> Result<Region, Failure> {
    text.parse().map_err(|_| {
        errors::validation(format!(
            "1 validation error detected: Value '{text}' at '{member}' failed to satisfy \
             constraint: Member must be the name of a Region"
        ))
    })
}
