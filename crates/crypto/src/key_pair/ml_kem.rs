//! ML-KEM (FIPS 203).

use crate::{KeyPairSpec, KeyRejected, MlKemSet, ModuleFailure, NotAuthentic, der};
use aws_lc_rs::digest::{SHA3_256, digest};
use aws_lc_rs::kem::{
    Algorithm, DecapsulationKey, EncapsulationKey, ML_KEM_512, ML_KEM_768, ML_KEM_1024,
};
use base::Secret;

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
    key: DecapsulationKey,
}

impl Private {
    pub(super) fn generate(set: MlKemSet) -> Result<Self, ModuleFailure> {
        let key = DecapsulationKey::generate(algorithm(set))?;
        Ok(Self { set, key })
    }

    /// Only the form that `pkcs8` writes. FIPS 203 section 7.3 asks for the check of the public key's hash; that both
    /// parts belong together is tried out.
    pub(super) fn from_pkcs8(set: MlKemSet, der: &[u8]) -> Result<Self, KeyRejected> {
        let length = 2 * secret_vector_bytes(set) + 3 * 32;
        let prefix = private_key_prefix(set, length);
        let bytes = der.strip_prefix(&prefix[..]).ok_or(KeyRejected)?;
        let (rest, _) = bytes.split_last_chunk::<32>().ok_or(KeyRejected)?;
        let (rest, hash) = rest.split_last_chunk::<32>().ok_or(KeyRejected)?;
        let public = rest
            .split_at_checked(secret_vector_bytes(set))
            .ok_or(KeyRejected)?
            .1;
        let key = DecapsulationKey::new(algorithm(set), bytes)?;
        if digest(&SHA3_256, public).as_ref() != hash {
            return Err(KeyRejected);
        }
        let pair = Self { set, key };
        let trial = Public::from_bytes(set, public)?.encapsulate()?;
        match pair.decapsulate(&trial.ciphertext) {
            Ok(secret) if secret == trial.shared_secret => Ok(pair),
            _ => Err(KeyRejected),
        }
    }

    /// The expanded key (RFC 9935 section 6): aws-lc-rs does not give the seed away.
    pub(super) fn pkcs8(&self) -> Result<Secret<Vec<u8>>, ModuleFailure> {
        let bytes = self.key.key_bytes()?;
        let prefix = private_key_prefix(self.set, bytes.as_ref().len());
        Ok(Secret::new([&prefix, bytes.as_ref()].concat()))
    }

    /// The part of the private key that is the public one.
    pub(super) fn public_bytes(&self) -> Result<Vec<u8>, ModuleFailure> {
        let bytes = self.key.key_bytes()?;
        let (_, rest) = bytes
            .as_ref()
            .split_at_checked(secret_vector_bytes(self.set))
            .ok_or(ModuleFailure)?;
        let (public, _) = rest.split_last_chunk::<64>().ok_or(ModuleFailure)?;
        Ok(public.to_vec())
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

/// Bytes of the encoded vector ŝ, with which a private key begins: 384 k. The public key, its SHA3-256 and 32 random
/// bytes follow (FIPS 203 algorithm 16).
fn secret_vector_bytes(set: MlKemSet) -> usize {
    match set {
        MlKemSet::MlKem512 => 768,
        MlKemSet::MlKem768 => 1152,
        MlKemSet::MlKem1024 => 1536,
    }
}

/// The DER of `OneAsymmetricKey` (RFC 5958) up to the expanded key of `length` bytes.
fn private_key_prefix(set: MlKemSet, length: usize) -> Vec<u8> {
    const VERSION: &[u8] = &[2, 1, 0];
    let identifier = KeyPairSpec::MlKem(set).algorithm_identifier();
    let inner = der::header(der::OCTET_STRING, length);
    let outer = der::header(der::OCTET_STRING, inner.len() + length);
    let content = VERSION.len() + identifier.len() + outer.len() + inner.len() + length;
    let sequence = der::header(der::SEQUENCE, content);
    [&sequence, VERSION, identifier, &outer, &inner].concat()
}
