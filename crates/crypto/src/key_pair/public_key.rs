//! The public half of a key pair, which verifies, encrypts and encapsulates without the private one.

use super::{Encapsulated, Oaep, ed25519, ml_dsa, ml_kem, nist, rsa};
use crate::signable::Form;
use crate::{KeyPairSpec, KeyRejected, ModuleFailure, NotAuthentic, Signable};
use aws_lc_rs::signature::{ECDSA_P256K1_SHA256_ASN1, ParsedPublicKey};

/// A public key, parsed once and used by many callers at once.
#[derive(Debug)]
pub struct PublicKey {
    spec: KeyPairSpec,
    der: Box<[u8]>,
    key: Public,
}

enum Public {
    Rsa(rsa::Public),
    Ecdsa(ParsedPublicKey),
    Ed25519(ed25519::Public),
    MlDsa(ml_dsa::Public),
    MlKem(ml_kem::Public),
}

impl PublicKey {
    /// The key in `der`, a `SubjectPublicKeyInfo` (RFC 5280 section 4.1). Refused are a key of another kind, size, curve or
    /// public exponent, and every other form of the same key, such as a compressed point.
    pub fn from_der(spec: KeyPairSpec, der: &[u8]) -> Result<Self, KeyRejected> {
        let bytes = spec.unwrap_public_key(der)?;
        let key = match spec {
            KeyPairSpec::Rsa(_) => Public::Rsa(rsa::Public::from_der(der)?),
            KeyPairSpec::Nist(curve) => {
                Public::Ecdsa(ParsedPublicKey::new(nist::verification(curve), bytes)?)
            }
            KeyPairSpec::Secp256k1 => {
                Public::Ecdsa(ParsedPublicKey::new(&ECDSA_P256K1_SHA256_ASN1, bytes)?)
            }
            KeyPairSpec::Ed25519 => Public::Ed25519(ed25519::Public::from_bytes(bytes)?),
            KeyPairSpec::MlDsa(set) => Public::MlDsa(ml_dsa::Public::from_bytes(set, bytes)?),
            KeyPairSpec::MlKem(set) => Public::MlKem(ml_kem::Public::from_bytes(set, bytes)?),
        };
        Ok(Self {
            spec,
            der: der.into(),
            key,
        })
    }

    /// The kind of the key.
    pub fn spec(&self) -> KeyPairSpec {
        self.spec
    }

    /// The DER of its `SubjectPublicKeyInfo`.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether `signature` is one of the owner's.
    pub fn verify(&self, signable: &Signable<'_>, signature: &[u8]) -> Result<(), NotAuthentic> {
        match (&self.key, &signable.0) {
            (Public::Rsa(key), form) => key.verify(&self.der, form, signature),
            (Public::Ecdsa(key), Form::Ecdsa(digest)) => {
                Ok(key.verify_digest_sig(digest, signature)?)
            }
            (Public::Ed25519(key), form) => key.verify(form, signature),
            (Public::MlDsa(key), form) => key.verify(form, signature),
            _ => Err(NotAuthentic),
        }
    }

    /// The ciphertext of a plaintext of at most `Oaep::longest_plaintext` bytes, for RSA.
    pub fn encrypt(&self, oaep: Oaep, plaintext: &[u8]) -> Result<Vec<u8>, ModuleFailure> {
        match &self.key {
            Public::Rsa(key) => key.encrypt(oaep, plaintext),
            _ => Err(ModuleFailure),
        }
    }

    /// A new secret that only the owner can obtain from its ciphertext, for ML-KEM.
    pub fn encapsulate(&self) -> Result<Encapsulated, ModuleFailure> {
        match &self.key {
            Public::MlKem(key) => key.encapsulate(),
            _ => Err(ModuleFailure),
        }
    }
}

impl std::fmt::Debug for Public {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}
