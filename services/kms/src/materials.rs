//! Every version of a key's material: what it seals with, what it sealed with before it was rotated, and what was
//! imported for its next rotation.
//!
//! AWS document: AWS KMS Developer Guide, "Rotate AWS KMS keys" and "Importing key material for AWS KMS keys".

use base::{Region, Timestamp};
use kms_api::shapes::RotationType;
use pipeline::Failure;

use crate::errors;
use crate::key::Key;
use crate::key_material::{KeyMaterial, bound_to};
use crate::wrapping::Wrapping;

/// The first version of a key's material. Ciphertexts name the version they are sealed under.
pub(crate) const FIRST_VERSION: u32 = 1;

/// What is known of one version of a key's material. Related multi-Region keys know the same.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Version {
    /// From 1.
    pub(crate) number: u32,
    /// `KeyMaterialId`: 64 hexadecimal digits.
    pub(crate) id: String,
    /// How it became the current one; none for the first, and for one that waits for its rotation.
    pub(crate) rotated: Option<Rotated>,
}

/// When and why a version became the current one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rotated {
    /// `RotationDate`
    pub(crate) at: Timestamp,
    /// `RotationType`
    pub(crate) kind: RotationType,
}

/// What the account said of material when it imported it. Each of several related keys has its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Imported {
    /// `KeyMaterialDescription`; stays when the material goes.
    pub(crate) description: Option<String>,
    /// `ValidTo`, of material that is there and expires.
    pub(crate) expires: Option<Timestamp>,
}

/// One version as it is kept. Its material is gone where it was imported, and then deleted or expired.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kept {
    /// What is known of it.
    pub(crate) version: Version,
    /// Of keys whose material is imported.
    pub(crate) imported: Option<Imported>,
    /// The material, wrapped by the domain key of the key's account and region.
    pub(crate) wrapped: Option<Vec<u8>>,
}

impl Kept {
    /// The same version for another of several related keys, which has to import the material itself.
    pub(crate) fn without_material(&self) -> Self {
        Self {
            version: self.version.clone(),
            imported: self.imported.as_ref().map(|_| Imported::default()),
            wrapped: None,
        }
    }

    fn forget(&mut self) {
        self.wrapped = None;
        if let Some(imported) = &mut self.imported {
            imported.expires = None;
        }
    }

    /// Whether the material is there, and has not expired by `now`.
    pub(crate) fn is_there(&self, now: Timestamp) -> bool {
        self.wrapped.is_some() && self.expires().is_none_or(|at| now < at)
    }

    fn expires(&self) -> Option<Timestamp> {
        self.imported.as_ref()?.expires
    }
}

/// Versions at rest: nothing can be sealed or opened by them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Versions {
    permanent: Vec<Kept>,
    pending: Option<Box<Kept>>,
}

impl Versions {
    /// As they were kept; the last of `permanent` is the current one.
    pub(crate) fn stored(permanent: Vec<Kept>, pending: Option<Kept>) -> Self {
        Self {
            permanent,
            pending: pending.map(Box::new),
        }
    }

    /// All that the key is bound to, oldest first; the last is the current one.
    pub(crate) fn permanent(&self) -> &[Kept] {
        &self.permanent
    }

    /// What was imported for the next rotation.
    pub(crate) fn pending(&self) -> Option<&Kept> {
        self.pending.as_deref()
    }

    /// The current one; none where nothing was ever imported.
    pub(crate) fn current(&self) -> Option<&Kept> {
        self.permanent.last()
    }

    /// The version of this `KeyMaterialId`.
    pub(crate) fn get(&self, id: &str) -> Option<&Kept> {
        let mut all = self.permanent.iter().chain(self.pending.as_deref());
        all.find(|kept| kept.version.id == id)
    }

    fn get_mut(&mut self, id: &str) -> Option<&mut Kept> {
        let mut all = self.permanent.iter_mut().chain(self.pending.as_deref_mut());
        all.find(|kept| kept.version.id == id)
    }

    /// The number of a version that comes next.
    pub(crate) fn next_number(&self) -> u32 {
        self.current()
            .map_or(FIRST_VERSION, |current| current.version.number + 1)
    }

    /// How often the key was rotated on demand.
    pub(crate) fn rotations_on_demand(&self) -> usize {
        let rotated = self
            .permanent
            .iter()
            .filter_map(|kept| kept.version.rotated);
        rotated
            .filter(|rotated| rotated.kind == RotationType::OnDemand)
            .count()
    }

    /// When the first of the materials that are there expires.
    pub(crate) fn first_expiry(&self) -> Option<Timestamp> {
        let all = self.permanent.iter().chain(self.pending.as_deref());
        all.filter_map(Kept::expires).min()
    }

    /// The `KeyMaterialId` of every material that has expired by `now`.
    pub(crate) fn expired(&self, now: Timestamp) -> Vec<String> {
        let all = self.permanent.iter().chain(self.pending.as_deref());
        let expired = all.filter(|kept| kept.expires().is_some_and(|at| at <= now));
        expired.map(|kept| kept.version.id.clone()).collect()
    }

    /// `kept` becomes the current version.
    pub(crate) fn append(&mut self, kept: Kept) {
        self.permanent.push(kept);
    }

    /// `kept` waits for the next rotation.
    pub(crate) fn await_rotation(&mut self, kept: Kept) {
        self.pending = Some(Box::new(kept));
    }

    /// What waits for it becomes the current version.
    pub(crate) fn rotate(&mut self, rotated: Rotated) {
        if let Some(mut kept) = self.pending.take() {
            kept.version.rotated = Some(rotated);
            self.permanent.push(*kept);
        }
    }

    /// The material of the version `id` is there again, under the conditions of this import.
    pub(crate) fn restore(&mut self, id: &str, wrapped: Vec<u8>, imported: Imported) {
        if let Some(kept) = self.get_mut(id) {
            let before = kept.imported.take().unwrap_or_default();
            kept.imported = Some(Imported {
                description: imported.description.or(before.description),
                expires: imported.expires,
            });
            kept.wrapped = Some(wrapped);
        }
    }

    /// Leaves no material of the version `id`. One that waits for its rotation is forgotten, unless another key
    /// decides about it.
    pub(crate) fn forget(&mut self, id: &str, replica: bool) {
        if !replica {
            self.pending.take_if(|pending| pending.version.id == id);
        }
        if let Some(kept) = self.get_mut(id) {
            kept.forget();
        }
    }

    /// The same for another of several related keys. Material that was imported is imported into each key by itself;
    /// all other is `rewrapped`.
    pub(crate) fn for_replica(
        &self,
        rewrapped: impl Fn(&Kept) -> Result<Option<Vec<u8>>, Failure>,
    ) -> Result<Self, Failure> {
        let copy = |kept: &Kept| -> Result<Kept, Failure> {
            let mut copy = kept.without_material();
            if kept.imported.is_none() {
                copy.wrapped = rewrapped(kept)?;
            }
            Ok(copy)
        };
        Ok(Self {
            permanent: self.permanent.iter().map(copy).collect::<Result<_, _>>()?,
            pending: self.pending().map(copy).transpose()?.map(Box::new),
        })
    }

    /// The material of every version that the key is bound to; these versions where one of them is not there.
    pub(crate) fn complete(mut self) -> Result<Materials, Self> {
        let missing = |kept: &Kept| kept.wrapped.is_none();
        if self.permanent.iter().any(missing) {
            return Err(self);
        }
        let Some(current) = self.permanent.pop() else {
            return Err(self);
        };
        let expires = self.permanent.iter().chain([&current]);
        let expires = expires.filter_map(Kept::expires).min();
        let older = self.permanent.into_iter().map(KeyMaterial::stored);
        Ok(Materials {
            current: KeyMaterial::stored(current),
            older: older.collect(),
            pending: self.pending,
            expires,
        })
    }
}

/// The material of every version that a key is bound to, ready to be opened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Materials {
    current: KeyMaterial,
    older: Vec<KeyMaterial>,
    pending: Option<Box<Kept>>,
    expires: Option<Timestamp>,
}

impl Materials {
    /// Material of a new key.
    pub(crate) fn of(current: KeyMaterial) -> Self {
        Self {
            current,
            older: Vec::new(),
            pending: None,
            expires: None,
        }
    }

    /// What the key seals with.
    pub(crate) fn current(&self) -> &KeyMaterial {
        &self.current
    }

    /// The material of this version, which a ciphertext names.
    pub(crate) fn version(&self, version: u32) -> Result<&KeyMaterial, Failure> {
        let mut all = std::iter::once(&self.current).chain(&self.older);
        let found = all.find(|material| material.version() == version);
        found.ok_or_else(errors::invalid_ciphertext)
    }

    /// When the first of them expires.
    pub(crate) fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// The same at rest: what was opened is forgotten.
    pub(crate) fn versions(&self) -> Versions {
        let all = self.older.iter().chain([&self.current]);
        Versions {
            permanent: all.map(KeyMaterial::kept).collect(),
            pending: self.pending.clone(),
        }
    }
}

/// The wrapped material of a version of `key`, wrapped for the related key in `region`.
pub(crate) fn rewrapped(
    wrapping: &impl Wrapping,
    key: &Key,
    kept: &Kept,
    region: Region,
) -> Result<Option<Vec<u8>>, Failure> {
    let Some(wrapped) = &kept.wrapped else {
        return Ok(None);
    };
    let number = kept.version.number;
    let here = wrapping.domain_key_of(key.account, key.region)?;
    let opened = here.open(&bound_to(&key.arn, number), wrapped);
    let opened = opened.map_err(Failure::internal)?;
    let there = wrapping.domain_key_of(key.account, region)?;
    let arn = Key::arn_of(key.account, &region, key.id);
    let sealed = there.seal(&bound_to(&arn, number), opened.expose());
    sealed.map(Some).map_err(Failure::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn kept(number: u32, wrapped: Option<&[u8]>, expires: Option<i64>) -> Kept {
        Kept {
            version: Version {
                number,
                id: format!("id{number}"),
                rotated: None,
            },
            imported: Some(Imported {
                description: None,
                expires: expires.map(Timestamp::from_seconds),
            }),
            wrapped: wrapped.map(<[u8]>::to_vec),
        }
    }

    #[test]
    fn a_rotated_key_has_every_version() {
        let both = vec![kept(1, Some(b"a"), None), kept(2, Some(b"b"), Some(5))];
        let versions = Versions::stored(both, None);
        let materials = versions.clone().complete().unwrap();
        assert_eq!(materials.current().version(), 2);
        assert_eq!(materials.version(1).unwrap().version(), 1);
        assert_eq!(materials.version(2).unwrap().version(), 2);
        assert!(materials.version(3).is_err());
        assert_eq!(materials.expires(), Some(Timestamp::from_seconds(5)));
        assert_eq!(materials.versions(), versions);
    }

    #[test]
    fn one_missing_material_is_enough_to_have_none() {
        assert!(Versions::default().complete().is_err());
        let all = |first, second| Versions::stored(vec![first, second], None);
        let (there, gone) = (kept(1, Some(b"a"), None), kept(2, None, None));
        assert!(all(there.clone(), gone.clone()).complete().is_err());
        assert!(all(gone, there.clone()).complete().is_err());
        let waiting = Versions::stored(vec![there], Some(kept(2, None, None)));
        assert!(waiting.complete().is_ok(), "it is not bound to that one");
    }

    #[test]
    fn what_waits_is_forgotten_and_what_is_bound_is_missed() {
        let all = vec![kept(1, Some(b"a"), Some(3))];
        let versions = Versions::stored(all, Some(kept(2, Some(b"b"), Some(2))));
        assert_eq!(versions.first_expiry(), Some(Timestamp::from_seconds(2)));
        let forgetting = |id, replica| {
            let mut versions = versions.clone();
            versions.forget(id, replica);
            versions
        };
        assert_eq!(forgetting("id2", false).pending(), None);
        let replica = forgetting("id2", true);
        assert_eq!(replica.pending().unwrap().wrapped, None);
        let bound = forgetting("id1", false);
        assert_eq!(bound.permanent()[0], kept(1, None, None));
        assert_eq!(bound.next_number(), 2);
    }

    #[test]
    fn imported_material_is_not_copied() {
        let versions = Versions::stored(vec![kept(1, Some(b"a"), Some(3))], None);
        let copy = versions.for_replica(|_| panic!("imported")).unwrap();
        assert_eq!(copy.permanent(), [kept(1, None, None)]);
        let mut made = kept(1, Some(b"a"), None);
        made.imported = None;
        let versions = Versions::stored(vec![made], None);
        let copy = versions.for_replica(|_| Ok(Some(vec![7]))).unwrap();
        assert_eq!(copy.permanent()[0].wrapped, Some(vec![7]));
    }
}
