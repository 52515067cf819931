//! Key pairs of every kind that KMS has: made, read from PKCS#8, and ready for use.

mod ed25519;
mod ml_dsa;
mod ml_kem;
mod nist;
mod once;
mod public_key;
mod rsa;
mod secp256k1;

pub use ml_kem::Encapsulated;
pub use public_key::PublicKey;
pub use rsa::Oaep;

use crate::{KeyPairSpec, KeyRejected, ModuleFailure, NotAuthentic, Signable, der};
use base::Secret;
use std::fmt;
use std::sync::Arc;

/// `version` of a `PrivateKeyInfo`, and of one that has the public key beside the private one (RFC 5958 section 2).
const VERSION_1: &[u8] = &[2, 1, 0];
const VERSION_2: &[u8] = &[2, 1, 1];

/// A private key and its public key: hidden in `Debug`, wiped on drop, parsed once and used by many callers at once.
pub struct KeyPair {
    private: Private,
    public: Arc<PublicKey>,
}

enum Private {
    Rsa(rsa::Private),
    Nist(nist::Private),
    Secp256k1(secp256k1::Private),
    Ed25519(ed25519::Private),
    MlDsa(ml_dsa::Private),
    MlKem(ml_kem::Private),
}

impl KeyPair {
    /// A new random key pair. RSA takes long: a second and more for 4096 bits.
    pub fn generate(spec: KeyPairSpec) -> Result<Self, ModuleFailure> {
        let private = match spec {
            KeyPairSpec::Rsa(size) => Private::Rsa(rsa::Private::generate(size)?),
            KeyPairSpec::Nist(curve) => Private::Nist(nist::Private::generate(curve)?),
            KeyPairSpec::Secp256k1 => Private::Secp256k1(secp256k1::Private::generate()?),
            KeyPairSpec::Ed25519 => Private::Ed25519(ed25519::Private::generate()?),
            KeyPairSpec::MlDsa(set) => Private::MlDsa(ml_dsa::Private::generate(set)?),
            KeyPairSpec::MlKem(set) => Private::MlKem(ml_kem::Private::generate(set)?),
        };
        Self::new(spec, private).map_err(|_| ModuleFailure)
    }

    /// The key pair in `der`, an unencrypted `PrivateKeyInfo` (RFC 5208): what `pkcs8` gave, or a key from elsewhere.
    /// Refused are a key of another kind, size, curve or public exponent, a curve that is spelled out instead of named, a
    /// key whose parts do not fit each other, and bytes behind it.
    pub fn from_pkcs8(spec: KeyPairSpec, der: &[u8]) -> Result<Self, KeyRejected> {
        let content = der::only_sequence(der)?;
        let version = content
            .strip_prefix(VERSION_1)
            .or(content.strip_prefix(VERSION_2));
        if !version.is_some_and(|rest| rest.starts_with(spec.algorithm_identifier())) {
            return Err(KeyRejected);
        }
        let private = match spec {
            KeyPairSpec::Rsa(_) => Private::Rsa(rsa::Private::from_pkcs8(der)?),
            KeyPairSpec::Nist(curve) => Private::Nist(nist::Private::from_pkcs8(curve, der)?),
            KeyPairSpec::Secp256k1 => Private::Secp256k1(secp256k1::Private::from_pkcs8(der)?),
            KeyPairSpec::Ed25519 => Private::Ed25519(ed25519::Private::from_pkcs8(der)?),
            KeyPairSpec::MlDsa(set) => Private::MlDsa(ml_dsa::Private::from_pkcs8(set, der)?),
            KeyPairSpec::MlKem(set) => Private::MlKem(ml_kem::Private::from_pkcs8(set, der)?),
        };
        Self::new(spec, private)
    }

    fn new(spec: KeyPairSpec, private: Private) -> Result<Self, KeyRejected> {
        let der = match &private {
            Private::Rsa(key) => key.public_der()?,
            Private::Nist(key) => spec.wrap_public_key(key.public_point()),
            Private::Secp256k1(key) => spec.wrap_public_key(key.public_point()),
            Private::Ed25519(key) => spec.wrap_public_key(key.public_bytes()),
            Private::MlDsa(key) => spec.wrap_public_key(key.public_bytes()),
            Private::MlKem(key) => spec.wrap_public_key(key.public_bytes()),
        };
        let public = Arc::new(PublicKey::from_der(spec, &der)?);
        Ok(Self { private, public })
    }

    /// The private key as the DER of an unencrypted `PrivateKeyInfo` (RFC 5208): what is kept, under wrapping, and what
    /// a data key pair gives away. ML-DSA and ML-KEM keys are written as seeds (RFC 9881, RFC 9935).
    pub fn pkcs8(&self) -> Result<Secret<Vec<u8>>, ModuleFailure> {
        let document = match &self.private {
            Private::Rsa(key) => return Ok(Secret::new(key.pkcs8()?.as_ref().to_vec())),
            Private::MlKem(key) => return Ok(key.pkcs8()),
            Private::Nist(key) => key.pkcs8()?,
            Private::Secp256k1(key) => key.pkcs8()?,
            Private::Ed25519(key) => key.pkcs8()?,
            Private::MlDsa(key) => key.pkcs8()?,
        };
        Ok(Secret::new(document.as_ref().to_vec()))
    }

    /// The kind of the key.
    pub fn spec(&self) -> KeyPairSpec {
        self.public.spec()
    }

    /// The public key.
    pub fn public_key(&self) -> &Arc<PublicKey> {
        &self.public
    }

    /// A signature: ECDSA's in DER, all others as bare bytes.
    pub fn sign(&self, signable: &Signable<'_>) -> Result<Vec<u8>, ModuleFailure> {
        match &self.private {
            Private::Rsa(key) => key.sign(&signable.0),
            Private::Nist(key) => key.sign(&signable.0),
            Private::Secp256k1(key) => key.sign(&signable.0),
            Private::Ed25519(key) => key.sign(&signable.0),
            Private::MlDsa(key) => key.sign(&signable.0),
            Private::MlKem(_) => Err(ModuleFailure),
        }
    }

    /// The plaintext of what `PublicKey::encrypt` gave, for RSA. The error does not say what was wrong.
    pub fn decrypt(&self, oaep: Oaep, ciphertext: &[u8]) -> Result<Secret<Vec<u8>>, NotAuthentic> {
        match &self.private {
            Private::Rsa(key) => key.decrypt(oaep, ciphertext),
            _ => Err(NotAuthentic),
        }
    }

    /// ECDH, for curves of NIST: the secret shared with the owner of `peer`, the DER of a `SubjectPublicKeyInfo`. Refused
    /// are points of another curve, or of none.
    pub fn agree(&self, peer: &[u8]) -> Result<Secret<Vec<u8>>, NotAuthentic> {
        match &self.private {
            Private::Nist(key) => key.agree(peer),
            _ => Err(NotAuthentic),
        }
    }

    /// The secret that `PublicKey::encapsulate` gave with `ciphertext`, for ML-KEM. Only a ciphertext of the wrong length
    /// is refused: any other gives a secret, which nobody has if the ciphertext was not made for this key.
    pub fn decapsulate(&self, ciphertext: &[u8]) -> Result<Secret<Vec<u8>>, NotAuthentic> {
        match &self.private {
            Private::MlKem(key) => key.decapsulate(ciphertext),
            _ => Err(NotAuthentic),
        }
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({:?}, …)", self.spec())
    }
}
