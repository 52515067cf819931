//! ML-KEM (FIPS 203) by aws-lc. Its Rust interface takes expanded keys only, so ml-kem expands the seed, which is what
//! AWS gives out of a key pair and what is kept here.

use crate::{KeyPairSpec, KeyRejected, MlKemSet, ModuleFailure, NotAuthentic, der, random};
use aws_lc_rs::kem::{
    Algorithm, DecapsulationKey, EncapsulationKey, ML_KEM_512, ML_KEM_768, ML_KEM_1024,
};
use base::Secret;
#[expect(deprecated, reason = "aws-lc-rs takes no seeds")]
use ml_kem::ExpandedKeyEncoding;
use ml_kem::{DecapsulationKey512, DecapsulationKey768, DecapsulationKey1024, Seed};
use zeroize::Zeroizing;

/// Bytes of a seed `d || z` (FIPS 203 algorithm 19).
const SEED_BYTES: usize = 64;
/// What a seed is tagged with in PKCS#8 (RFC 9935 section 6).
const SEED_TAG: u8 = 0x80;

/// A secret for both sides, and the ciphertext from which the owner of the key obtains it.
#[derive(Debug)]
pub struct Encapsulated {
    /// The 32-byte secret.
    pub shared_secret: Secret<Vec<u8>>,
    /// Its ciphertext.
    pub ciphertext: Vec<u8>,
}

pub(super) struct Private {
    set: MlKemSet,
    seed: Secret<Vec<u8>>,
    key: DecapsulationKey,
    public: Vec<u8>,
}

impl Private {
    pub(super) fn generate(set: MlKemSet) -> Result<Self, ModuleFailure> {
        let mut seed = Zeroizing::new([0; SEED_BYTES]);
        random::fill(seed.as_mut_slice());
        Self::from_seed(set, &seed).map_err(|_| ModuleFailure)
    }

    /// Only the form that `pkcs8` writes: an expanded key could be inconsistent, a seed cannot.
    pub(super) fn from_pkcs8(set: MlKemSet, der: &[u8]) -> Result<Self, KeyRejected> {
        let seed = der.strip_prefix(&private_key_prefix(set)[..]);
        let seed = seed.and_then(|seed| seed.try_into().ok());
        Self::from_seed(set, seed.ok_or(KeyRejected)?)
    }

    fn from_seed(set: MlKemSet, seed: &[u8; SEED_BYTES]) -> Result<Self, KeyRejected> {
        let expanded = expand(set, seed);
        Ok(Self {
            set,
            seed: Secret::new(seed.to_vec()),
            key: DecapsulationKey::new(algorithm(set), &expanded)?,
            public: public_part(set, &expanded)?.to_vec(),
        })
    }

    /// The seed (RFC 9935 section 6).
    pub(super) fn pkcs8(&self) -> Secret<Vec<u8>> {
        let prefix = private_key_prefix(self.set);
        Secret::new([&prefix, self.seed.expose().as_slice()].concat())
    }

    pub(super) fn public_bytes(&self) -> &[u8] {
        &self.public
    }

    /// The secret in `ciphertext`. One of the right length always gives a secret; if it was not made for this key,
    /// nobody else has that secret (FIPS 203 section 6.3).
    pub(super) fn decapsulate(&self, ciphertext: &[u8]) -> Result<Secret<Vec<u8>>, NotAuthentic> {
        let secret = self.key.decapsulate(ciphertext.into())?;
        Ok(Secret::new(secret.as_ref().to_vec()))
    }
}

pub(super) struct Public(EncapsulationKey);

impl Public {
    pub(super) fn from_bytes(set: MlKemSet, bytes: &[u8]) -> Result<Self, KeyRejected> {
        Ok(Self(EncapsulationKey::new(algorithm(set), bytes)?))
    }

    pub(super) fn encapsulate(&self) -> Result<Encapsulated, ModuleFailure> {
        let (ciphertext, secret) = self.0.encapsulate()?;
        Ok(Encapsulated {
            shared_secret: Secret::new(secret.as_ref().to_vec()),
            ciphertext: ciphertext.as_ref().to_vec(),
        })
    }
}

fn algorithm(set: MlKemSet) -> &'static Algorithm {
    match set {
        MlKemSet::MlKem512 => &ML_KEM_512,
        MlKemSet::MlKem768 => &ML_KEM_768,
        MlKemSet::MlKem1024 => &ML_KEM_1024,
    }
}

/// The expanded private key of a seed (FIPS 203 algorithm 16).
fn expand(set: MlKemSet, seed: &[u8; SEED_BYTES]) -> Zeroizing<Vec<u8>> {
    match set {
        MlKemSet::MlKem512 => expand_as::<DecapsulationKey512>(seed),
        MlKemSet::MlKem768 => expand_as::<DecapsulationKey768>(seed),
        MlKemSet::MlKem1024 => expand_as::<DecapsulationKey1024>(seed),
    }
}

#[expect(deprecated, reason = "aws-lc-rs takes no seeds")]
fn expand_as<K: ExpandedKeyEncoding + From<Seed>>(seed: &[u8; SEED_BYTES]) -> Zeroizing<Vec<u8>> {
    let expanded = Zeroizing::new(K::from(Seed::from(*seed)).to_expanded_bytes());
    Zeroizing::new(expanded.as_slice().to_vec())
}

/// The part of an expanded key that is the public one: it lies between the secret vector and two values of 32 bytes.
fn public_part(set: MlKemSet, expanded: &[u8]) -> Result<&[u8], KeyRejected> {
    let secret_vector_bytes = match set {
        MlKemSet::MlKem512 => 768,
        MlKemSet::MlKem768 => 1152,
        MlKemSet::MlKem1024 => 1536,
    };
    let rest = expanded.get(secret_vector_bytes..).ok_or(KeyRejected)?;
    let (public, _) = rest.split_last_chunk::<64>().ok_or(KeyRejected)?;
    Ok(public)
}

/// The DER of `OneAsymmetricKey` (RFC 5958) up to the seed.
fn private_key_prefix(set: MlKemSet) -> Vec<u8> {
    const VERSION: &[u8] = &[2, 1, 0];
    let identifier = KeyPairSpec::MlKem(set).algorithm_identifier();
    let inner = der::header(SEED_TAG, SEED_BYTES);
    let outer = der::header(der::OCTET_STRING, inner.len() + SEED_BYTES);
    let content = VERSION.len() + identifier.len() + outer.len() + inner.len() + SEED_BYTES;
    let sequence = der::header(der::SEQUENCE, content);
    [&sequence, VERSION, identifier, &outer, &inner].concat()
}
