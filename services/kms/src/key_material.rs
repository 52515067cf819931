//! The material of a key: wrapped as it is kept, and opened once.

use std::sync::{Arc, OnceLock};

use base::Arn;
use crypto::{DomainKey, Material, ModuleFailure, context, random};
use pipeline::Failure;

/// The first version of a key's material. Ciphertexts name the version they are sealed under.
pub(crate) const FIRST_VERSION: u32 = 1;

/// Material wrapped by the domain key of the key's account and region. What was opened stays with the record, in
/// memory only, so that the next call need not open it again; it is wiped with the last copy of the record.
#[derive(Clone, Debug)]
pub(crate) struct KeyMaterial {
    version: u32,
    id: String,
    wrapped: Vec<u8>,
    opened: OnceLock<Arc<Material>>,
}

impl KeyMaterial {
    /// New random material for the key of this ARN.
    pub(crate) fn generate(domain: &DomainKey, key: &Arn) -> Result<Self, ModuleFailure> {
        let material = Material::generate();
        let wrapped = domain.wrap(&material, &bound_to(key, FIRST_VERSION))?;
        let id = hex::encode(random::bytes::<32>());
        let opened = OnceLock::from(Arc::new(material));
        Ok(Self {
            version: FIRST_VERSION,
            id,
            wrapped,
            opened,
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

    /// The material of the key of this ARN, ready for use. `domain` is asked for only the first time.
    pub(crate) fn open(
        &self,
        key: &Arn,
        domain: impl FnOnce() -> Result<DomainKey, Failure>,
    ) -> Result<&Material, Failure> {
        if let Some(material) = self.opened.get() {
            return Ok(material);
        }
        let opened = domain()?.unwrap(&self.wrapped, &bound_to(key, self.version));
        let opened = opened.map_err(Failure::internal)?;
        Ok(self.opened.get_or_init(|| Arc::new(opened)))
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
    use base::{AccountId, Region};
    use crypto::KeyRing;

    fn arn(id: &str) -> Arn {
        Arn::new("kms", "us-east-1", "111122223333", format_args!("key/{id}"))
    }

    fn domain(ring: &KeyRing, account: u64) -> DomainKey {
        ring.domain(AccountId::from_number(account), &Region::US_EAST_1)
            .unwrap()
    }

    fn reload(material: &KeyMaterial) -> KeyMaterial {
        KeyMaterial::stored(
            material.version,
            material.id.clone(),
            material.wrapped.clone(),
        )
    }

    #[test]
    fn opens_once() {
        let ring = KeyRing::ephemeral().unwrap();
        let fresh = KeyMaterial::generate(&domain(&ring, 1), &arn("a")).unwrap();
        assert_eq!(fresh.id().len(), 64);
        let stored = reload(&fresh);
        let sealed = fresh
            .open(&arn("a"), || panic!("open already"))
            .unwrap()
            .seal(b"", b"x")
            .unwrap();
        let opened = stored.open(&arn("a"), || Ok(domain(&ring, 1))).unwrap();
        assert_eq!(opened.open(b"", &sealed).unwrap().expose(), b"x");
        stored.open(&arn("a"), || panic!("open already")).unwrap();
        stored
            .clone()
            .open(&arn("a"), || panic!("the copy is open too"))
            .unwrap();
    }

    #[test]
    fn opens_for_its_key_and_domain_only() {
        let ring = KeyRing::ephemeral().unwrap();
        let fresh = KeyMaterial::generate(&domain(&ring, 1), &arn("a")).unwrap();
        let other_version = KeyMaterial {
            version: 2,
            ..reload(&fresh)
        };
        assert!(
            reload(&fresh)
                .open(&arn("b"), || Ok(domain(&ring, 1)))
                .is_err()
        );
        assert!(
            reload(&fresh)
                .open(&arn("a"), || Ok(domain(&ring, 2)))
                .is_err()
        );
        assert!(
            other_version
                .open(&arn("a"), || Ok(domain(&ring, 1)))
                .is_err()
        );
    }

    #[test]
    fn debug_hides_the_opened_material() {
        let ring = KeyRing::ephemeral().unwrap();
        let fresh = KeyMaterial::generate(&domain(&ring, 1), &arn("a")).unwrap();
        assert!(format!("{fresh:?}").contains("Material(…)"));
    }
}
