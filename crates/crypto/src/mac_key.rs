//! Keys of message authentication codes.

use crate::{KeyRejected, NotAuthentic, random};
use aws_lc_rs::hmac;
use base::{Secret, same_bytes};
use std::fmt;

/// `MacAlgorithm` of KMS: HMAC over a SHA-2 (FIPS 198-1). Each `HMAC_*` key knows one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MacAlgorithm {
    /// `HMAC_SHA_224`, of `HMAC_224` keys.
    HmacSha224,
    /// `HMAC_SHA_256`, of `HMAC_256` keys.
    HmacSha256,
    /// `HMAC_SHA_384`, of `HMAC_384` keys.
    HmacSha384,
    /// `HMAC_SHA_512`, of `HMAC_512` keys.
    HmacSha512,
}

impl MacAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 4] = [
        Self::HmacSha224,
        Self::HmacSha256,
        Self::HmacSha384,
        Self::HmacSha512,
    ];

    /// Length of a key in bytes, which is that of a code too.
    pub fn key_bytes(self) -> usize {
        self.primitive().tag_len()
    }

    fn primitive(self) -> hmac::Algorithm {
        match self {
            Self::HmacSha224 => hmac::HMAC_SHA224,
            Self::HmacSha256 => hmac::HMAC_SHA256,
            Self::HmacSha384 => hmac::HMAC_SHA384,
            Self::HmacSha512 => hmac::HMAC_SHA512,
        }
    }
}

/// A key of HMAC, ready for use: hidden in `Debug`, wiped on drop.
pub struct MacKey {
    algorithm: MacAlgorithm,
    secret: Secret<Vec<u8>>,
    key: hmac::Key,
}

impl MacKey {
    /// A new random key.
    pub fn generate(algorithm: MacAlgorithm) -> Self {
        let mut bytes = vec![0; algorithm.key_bytes()];
        random::fill(&mut bytes);
        Self::new(algorithm, Secret::new(bytes))
    }

    /// Takes bytes that are a key already: stored or imported ones, exactly as many as the algorithm's keys have.
    pub fn from_bytes(algorithm: MacAlgorithm, bytes: &[u8]) -> Result<Self, KeyRejected> {
        if bytes.len() != algorithm.key_bytes() {
            return Err(KeyRejected);
        }
        Ok(Self::new(algorithm, Secret::new(bytes.to_vec())))
    }

    fn new(algorithm: MacAlgorithm, secret: Secret<Vec<u8>>) -> Self {
        let key = hmac::Key::new(algorithm.primitive(), secret.expose());
        Self {
            algorithm,
            secret,
            key,
        }
    }

    /// The algorithm that the key is for.
    pub fn algorithm(&self) -> MacAlgorithm {
        self.algorithm
    }

    /// The key's bytes, for wrapping them under another key.
    pub fn secret_bytes(&self) -> &Secret<Vec<u8>> {
        &self.secret
    }

    /// The code of `message`.
    pub fn generate_mac(&self, message: &[u8]) -> Vec<u8> {
        hmac::sign(&self.key, message).as_ref().to_vec()
    }

    /// Whether `mac` is the whole code of `message`; the time does not tell how much of it is right.
    pub fn verify_mac(&self, message: &[u8], mac: &[u8]) -> Result<(), NotAuthentic> {
        let expected = hmac::sign(&self.key, message);
        if same_bytes(expected.as_ref(), mac) {
            Ok(())
        } else {
            Err(NotAuthentic)
        }
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MacKey({:?}, …)", self.algorithm)
    }
}
