//! The material of a key: wrapped as it is kept, and opened once; and all the versions of it that a key has had.

use std::sync::{Arc, OnceLock};

use base::Arn;
use crypto::{DomainKey, Material, ModuleFailure, NotAuthentic, context, random};
use kms_api::shapes::KeySpec;
use pipeline::Failure;

use crate::errors;
use crate::key::Key;

/// The first version of a key's material. Ciphertexts name the version they are sealed under.
pub(crate) const FIRST_VERSION: u32 = 1;

/// Material wrapped by the domain key of the key's account and region. What was opened stays with the record, in
/// memory only, so that the next call need not open it again; it is wiped with the last copy of the record.
#[derive(Clone, Debug)]
pub(crate) struct KeyMaterial {
    version: u32,
    id: String,
    wrapped: Vec<u8>,
    opened: OnceLock<Arc<Opened>>,
}

/// Material ready for use, by the kind of key it is of.
#[derive(Debug)]
pub(crate) enum Opened {
    /// Of a symmetric encryption key.
    Symmetric(Material),
}

impl Opened {
    /// New random material; none for a key of a kind that is not made here.
    pub(crate) fn generate(spec: KeySpec) -> Option<Self> {
        match spec {
            KeySpec::SymmetricDefault => Some(Self::Symmetric(Material::generate())),
            _ => None,
        }
    }

    fn wrap(&self, domain: &DomainKey, bound_to: &[u8]) -> Result<Vec<u8>, ModuleFailure> {
        match self {
            Self::Symmetric(material) => domain.wrap(material, bound_to),
        }
    }

    fn unwrap(
        spec: KeySpec,
        domain: &DomainKey,
        wrapped: &[u8],
        bound_to: &[u8],
    ) -> Result<Self, NotAuthentic> {
        match spec {
            KeySpec::SymmetricDefault => domain.unwrap(wrapped, bound_to).map(Self::Symmetric),
            _ => Err(NotAuthentic),
        }
    }

    /// The material of a symmetric encryption key.
    pub(crate) fn symmetric(&self) -> Result<&Material, Failure> {
        match self {
            Self::Symmetric(material) => Ok(material),
        }
    }
}

impl KeyMaterial {
    /// `material` as `version` of the material of the key of this ARN.
    pub(crate) fn new(
        material: Opened,
        version: u32,
        domain: &DomainKey,
        key: &Arn,
    ) -> Result<Self, ModuleFailure> {
        let wrapped = material.wrap(domain, &bound_to(key, version))?;
        Ok(Self {
            version,
            id: hex::encode(random::bytes::<32>()),
            wrapped,
            opened: OnceLock::from(Arc::new(material)),
        })
    }

    /// Material as it was kept.
    pub(crate) fn stored(version: u32, id: String, wrapped: Vec<u8>) -> Self {
        Self {
            version,
            id,
            wrapped,
            opened: OnceLock::new(),
        }
    }

    /// The number of the version, from 1.
    pub(crate) fn version(&self) -> u32 {
        self.version
    }

    /// `KeyMaterialId`: 64 hexadecimal digits.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The material as it is kept.
    pub(crate) fn wrapped(&self) -> &[u8] {
        &self.wrapped
    }

    /// This material of `key`, ready for use. `domain` is asked for only the first time.
    pub(crate) fn open(
        &self,
        key: &Key,
        domain: impl FnOnce() -> Result<DomainKey, Failure>,
    ) -> Result<&Opened, Failure> {
        if let Some(material) = self.opened.get() {
            return Ok(material);
        }
        let bound_to = bound_to(&key.arn, self.version);
        let opened = Opened::unwrap(key.spec, &domain()?, &self.wrapped, &bound_to);
        let opened = opened.map_err(Failure::internal)?;
        Ok(self.opened.get_or_init(|| Arc::new(opened)))
    }

    /// The same, not opened.
    fn closed(&self) -> Self {
        Self::stored(self.version, self.id.clone(), self.wrapped.clone())
    }
}

/// Every version of a key's material: what it seals with now, and what it sealed with before it was rotated.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Materials {
    current: KeyMaterial,
    older: Vec<KeyMaterial>,
}

impl Materials {
    /// Material of a new key.
    pub(crate) fn of(current: KeyMaterial) -> Self {
        Self::stored(current, Vec::new())
    }

    /// As they were kept.
    pub(crate) fn stored(current: KeyMaterial, older: Vec<KeyMaterial>) -> Self {
        Self { current, older }
    }

    /// What the key seals with.
    pub(crate) fn current(&self) -> &KeyMaterial {
        &self.current
    }

    /// What the key sealed with before, oldest first.
    pub(crate) fn older(&self) -> &[KeyMaterial] {
        &self.older
    }

    /// The material of this version, which a ciphertext names.
    pub(crate) fn version(&self, version: u32) -> Result<&KeyMaterial, Failure> {
        let mut all = std::iter::once(&self.current).chain(&self.older);
        let found = all.find(|material| material.version == version);
        found.ok_or_else(errors::invalid_ciphertext)
    }

    /// The same, not opened.
    pub(crate) fn closed(&self) -> Self {
        Self {
            current: self.current.closed(),
            older: self.older.iter().map(KeyMaterial::closed).collect(),
        }
    }
}

impl PartialEq for KeyMaterial {
    fn eq(&self, other: &Self) -> bool {
        (self.version, &self.id, &self.wrapped) == (other.version, &other.id, &other.wrapped)
    }
}

fn bound_to(key: &Arn, version: u32) -> Vec<u8> {
    context::bind(&[key.as_str().as_bytes(), &version.to_be_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::some_key;
    use base::{AccountId, Region};
    use crypto::KeyRing;

    fn named(id: &str) -> Key {
        Key {
            arn: Arn::new("kms", "us-east-1", "111122223333", format_args!("key/{id}")),
            ..some_key()
        }
    }

    fn domain(ring: &KeyRing, account: u64) -> DomainKey {
        ring.domain(AccountId::from_number(account), &Region::US_EAST_1)
            .unwrap()
    }

    fn fresh(ring: &KeyRing) -> KeyMaterial {
        let material = Opened::generate(KeySpec::SymmetricDefault).unwrap();
        KeyMaterial::new(material, FIRST_VERSION, &domain(ring, 1), &named("a").arn).unwrap()
    }

    #[test]
    fn opens_once() {
        let ring = KeyRing::ephemeral().unwrap();
        let fresh = fresh(&ring);
        assert_eq!(fresh.id().len(), 64);
        let stored = fresh.closed();
        let open = fresh.open(&named("a"), || panic!("open already")).unwrap();
        let sealed = open.symmetric().unwrap().seal(b"", b"x").unwrap();
        let opened = stored.open(&named("a"), || Ok(domain(&ring, 1))).unwrap();
        let opened = opened.symmetric().unwrap().open(b"", &sealed).unwrap();
        assert_eq!(opened.expose(), b"x");
        stored.open(&named("a"), || panic!("open already")).unwrap();
        let copy = stored.clone();
        copy.open(&named("a"), || panic!("the copy is open too"))
            .unwrap();
    }

    #[test]
    fn opens_for_its_key_and_domain_only() {
        let ring = KeyRing::ephemeral().unwrap();
        let stored = fresh(&ring).closed();
        let other_version = KeyMaterial {
            version: 2,
            ..stored.closed()
        };
        for (material, key, account) in [
            (&stored, "b", 1),
            (&stored, "a", 2),
            (&other_version, "a", 1),
        ] {
            let opened = material.open(&named(key), || Ok(domain(&ring, account)));
            assert!(opened.is_err(), "{key} {account}");
        }
    }

    #[test]
    fn a_rotated_key_has_every_version() {
        let ring = KeyRing::ephemeral().unwrap();
        let first = fresh(&ring);
        let second = KeyMaterial {
            version: 2,
            ..first.clone()
        };
        let materials = Materials::stored(second, vec![first]);
        assert_eq!(materials.version(1).unwrap().version(), 1);
        assert_eq!(materials.version(2).unwrap().version(), 2);
        assert!(materials.version(3).is_err());
        assert_eq!(materials.closed(), materials);
    }

    #[test]
    fn debug_hides_the_opened_material() {
        let ring = KeyRing::ephemeral().unwrap();
        assert!(format!("{:?}", fresh(&ring)).contains("Material(…)"));
    }
}
