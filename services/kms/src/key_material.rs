//! One version of the material of a key: wrapped as it is kept, and opened once.

use std::sync::{Arc, OnceLock};

use base::Arn;
use crypto::{
    DomainKey, KeyPair, KeyRejected, MacKey, Material, ModuleFailure, NotAuthentic, context, random,
};
use kms_api::shapes::KeySpec;
use pipeline::Failure;

use crate::key::Key;
use crate::key_spec::{self, Kind};
use crate::materials::{FIRST_VERSION, Imported, Kept, Version};
use crate::public_half::PublicHalf;

/// Material wrapped by the domain key of the key's account and region. What was opened stays with the record, in
/// memory only, so that the next call need not open it again; it is wiped with the last copy of the record.
#[derive(Clone, Debug)]
pub(crate) struct KeyMaterial {
    version: Version,
    imported: Option<Imported>,
    wrapped: Vec<u8>,
    opened: OnceLock<Arc<Opened>>,
}

/// Material ready for use, by the kind of key it is of.
#[derive(Debug)]
pub(crate) enum Opened {
    /// Of a symmetric encryption key.
    Symmetric(Material),
    /// Of an HMAC key.
    Mac(Box<MacKey>),
    /// Of an asymmetric key.
    Pair(Box<KeyPair>),
}

impl Opened {
    /// New random material. For RSA this takes long.
    pub(crate) fn generate(spec: KeySpec) -> Result<Self, Failure> {
        Ok(match key_spec::kind(spec)? {
            Kind::Symmetric => Self::Symmetric(Material::generate()),
            Kind::Mac(algorithm) => Self::Mac(Box::new(MacKey::generate(algorithm))),
            Kind::Pair(pair) => Self::Pair(Box::new(
                KeyPair::generate(pair).map_err(Failure::internal)?,
            )),
        })
    }

    /// Material that an account imports; none if it is not of a key of this kind.
    pub(crate) fn imported(spec: KeySpec, bytes: &[u8]) -> Option<Self> {
        match key_spec::kind(spec).ok()? {
            Kind::Symmetric => {
                let bytes = bytes.try_into().ok()?;
                Some(Self::Symmetric(Material::from_bytes(bytes)))
            }
            Kind::Mac(algorithm) => {
                let key = MacKey::from_bytes(algorithm, bytes).ok()?;
                Some(Self::Mac(Box::new(key)))
            }
            Kind::Pair(pair) => {
                let pair = KeyPair::from_pkcs8(pair, bytes).ok()?;
                Some(Self::Pair(Box::new(pair)))
            }
        }
    }

    /// The public key of a key pair.
    pub(crate) fn public_der(&self) -> Option<&[u8]> {
        match self {
            Self::Symmetric(_) | Self::Mac(_) => None,
            Self::Pair(pair) => Some(pair.public_key().der()),
        }
    }

    /// Wrapped by `domain`.
    pub(crate) fn wrap(
        &self,
        domain: &DomainKey,
        bound_to: &[u8],
    ) -> Result<Vec<u8>, ModuleFailure> {
        match self {
            Self::Symmetric(material) => domain.wrap(material, bound_to),
            Self::Mac(key) => domain.seal(bound_to, key.secret_bytes().expose()),
            Self::Pair(pair) => domain.seal(bound_to, pair.pkcs8()?.expose()),
        }
    }

    fn unwrap(
        spec: KeySpec,
        domain: &DomainKey,
        wrapped: &[u8],
        bound_to: &[u8],
    ) -> Result<Self, NotAuthentic> {
        let kind = key_spec::kind(spec).map_err(|_| NotAuthentic)?;
        let secret = match kind {
            Kind::Symmetric => return domain.unwrap(wrapped, bound_to).map(Self::Symmetric),
            Kind::Mac(_) | Kind::Pair(_) => domain.open(bound_to, wrapped)?,
        };
        let opened =
            match kind {
                Kind::Pair(pair) => KeyPair::from_pkcs8(pair, secret.expose())
                    .map(|pair| Self::Pair(Box::new(pair))),
                Kind::Mac(algorithm) => MacKey::from_bytes(algorithm, secret.expose())
                    .map(|key| Self::Mac(Box::new(key))),
                Kind::Symmetric => Err(KeyRejected),
            };
        opened.map_err(|_| NotAuthentic)
    }

    /// The material of a symmetric encryption key.
    pub(crate) fn symmetric(&self) -> Result<&Material, Failure> {
        match self {
            Self::Symmetric(material) => Ok(material),
            Self::Mac(_) | Self::Pair(_) => Err(Failure::internal(NotAuthentic)),
        }
    }
}

impl KeyMaterial {
    /// New `material` as the first version of the material of the key of this ARN.
    pub(crate) fn first(
        material: Opened,
        domain: &DomainKey,
        key: &Arn,
    ) -> Result<Self, ModuleFailure> {
        let version = Version {
            number: FIRST_VERSION,
            id: new_id(),
            rotated: None,
        };
        let wrapped = material.wrap(domain, &bound_to(key, version.number))?;
        Ok(Self {
            version,
            imported: None,
            wrapped,
            opened: OnceLock::from(Arc::new(material)),
        })
    }

    /// Material that is in a token: there is nothing of it here, and it never opens.
    pub(crate) fn in_token() -> Self {
        Self {
            version: Version {
                number: FIRST_VERSION,
                id: new_id(),
                rotated: None,
            },
            imported: None,
            wrapped: Vec::new(),
            opened: OnceLock::new(),
        }
    }

    /// Material as it was kept. One that is not there never opens.
    pub(crate) fn stored(kept: Kept) -> Self {
        Self {
            version: kept.version,
            imported: kept.imported,
            wrapped: kept.wrapped.unwrap_or_default(),
            opened: OnceLock::new(),
        }
    }

    /// As it is kept.
    pub(crate) fn kept(&self) -> Kept {
        Kept {
            version: self.version.clone(),
            imported: self.imported.clone(),
            wrapped: Some(self.wrapped.clone()),
        }
    }

    /// The number of the version, from 1.
    pub(crate) fn version(&self) -> u32 {
        self.version.number
    }

    /// `KeyMaterialId`: 64 hexadecimal digits.
    pub(crate) fn id(&self) -> &str {
        &self.version.id
    }

    /// The public key of a key pair that is open.
    pub(crate) fn public_half(&self) -> Option<PublicHalf> {
        PublicHalf::of(self.opened.get()?)
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
        let bound_to = bound_to(&key.arn, self.version.number);
        let opened = Opened::unwrap(key.spec, &domain()?, &self.wrapped, &bound_to);
        let opened = opened.map_err(Failure::internal)?;
        Ok(self.opened.get_or_init(|| Arc::new(opened)))
    }
}

/// A `KeyMaterialId` of material that is made here.
pub(crate) fn new_id() -> String {
    hex::encode(random::bytes::<32>())
}

impl PartialEq for KeyMaterial {
    fn eq(&self, other: &Self) -> bool {
        (&self.version, &self.imported, &self.wrapped)
            == (&other.version, &other.imported, &other.wrapped)
    }
}

/// What wrapped material is bound to: its key and its version.
pub(crate) fn bound_to(key: &Arn, version: u32) -> Vec<u8> {
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
        KeyMaterial::first(material, &domain(ring, 1), &named("a").arn).unwrap()
    }

    fn closed(material: &KeyMaterial) -> KeyMaterial {
        KeyMaterial::stored(material.kept())
    }

    #[test]
    fn opens_once() {
        let ring = KeyRing::ephemeral().unwrap();
        let fresh = fresh(&ring);
        assert_eq!(fresh.id().len(), 64);
        let stored = closed(&fresh);
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
        let stored = closed(&fresh(&ring));
        let mut other_version = closed(&stored);
        other_version.version.number = 2;
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
    fn debug_hides_the_opened_material() {
        let ring = KeyRing::ephemeral().unwrap();
        assert!(format!("{:?}", fresh(&ring)).contains("Material(…)"));
    }
}
