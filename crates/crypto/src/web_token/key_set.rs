//! A set of public keys as issuers publish it. Source: RFC 7517, "JSON Web Key (JWK)"; RFC 7518, section 6.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::TokenAlgorithm;

/// Keys that a set may have; a larger one is refused as a whole.
const MOST_KEYS: usize = 200;
/// Largest set, in bytes.
const LARGEST_SET: usize = 256 * 1024;
/// Longest modulus and exponent of an RSA key, in bytes.
const LONGEST_RSA: (usize, usize) = (1024, 8);

/// What is no usable set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableKeySet {
    /// Too many bytes or keys.
    #[error("a set of keys has at most {MOST_KEYS} keys in {LARGEST_SET} bytes")]
    TooLarge,
    /// Not written as RFC 7517 has it.
    #[error("not a JSON Web Key Set (RFC 7517)")]
    Malformed,
}

/// The public keys of an issuer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeySet(Vec<TokenKey>);

/// A key and what it is for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TokenKey {
    id: Option<String>,
    algorithm: Option<TokenAlgorithm>,
    pub(super) key: VerificationKey,
}

/// What signatures are verified with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum VerificationKey {
    /// Big-endian, without leading zeros.
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    /// An uncompressed point, and the one algorithm of its curve.
    Elliptic {
        point: Vec<u8>,
        algorithm: TokenAlgorithm,
    },
}

#[derive(Deserialize)]
struct WrittenSet {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct WrittenKey {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    key_ops: Option<Vec<String>>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Reads a set. Keys that are for something else, or of a kind that is not known, are left out (RFC 7517, section 5).
    ///
    /// # Errors
    /// If it is none, or too large.
    pub fn parse(json: &[u8]) -> Result<Self, UnusableKeySet> {
        if json.len() > LARGEST_SET {
            return Err(UnusableKeySet::TooLarge);
        }
        let set: WrittenSet =
            serde_json::from_slice(json).map_err(|_| UnusableKeySet::Malformed)?;
        if set.keys.len() > MOST_KEYS {
            return Err(UnusableKeySet::TooLarge);
        }
        let keys = set.keys.into_iter();
        let keys = keys.filter_map(|key| TokenKey::read(serde_json::from_value(key).ok()?));
        Ok(Self(keys.collect()))
    }

    /// Whether no token can be verified by it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys of this id that have this algorithm. A token that names no key has the only one of its algorithm.
    pub(super) fn fitting(&self, id: Option<&str>, algorithm: TokenAlgorithm) -> Vec<&TokenKey> {
        let of_algorithm = self.0.iter().filter(|key| key.has(algorithm));
        match id {
            Some(id) => of_algorithm
                .filter(|key| key.id.as_deref() == Some(id))
                .collect(),
            None => {
                let all: Vec<_> = of_algorithm.collect();
                match all.len() {
                    1 => all,
                    _ => Vec::new(),
                }
            }
        }
    }
}

impl TokenKey {
    fn read(written: WrittenKey) -> Option<Self> {
        let signs = written.used_for.as_deref().is_none_or(|it| it == "sig");
        let verifies = |operations: &Vec<String>| operations.iter().any(|it| it == "verify");
        if !signs || !written.key_ops.as_ref().is_none_or(verifies) {
            return None;
        }
        let algorithm = match written.alg.as_deref() {
            None => None,
            Some(name) => Some(TokenAlgorithm::named(name)?),
        };
        Some(Self {
            algorithm,
            key: VerificationKey::read(&written)?,
            id: written.kid,
        })
    }

    fn has(&self, algorithm: TokenAlgorithm) -> bool {
        let of_kind = match self.key {
            VerificationKey::Rsa { .. } => algorithm.rsa().is_some(),
            VerificationKey::Elliptic { algorithm: own, .. } => own == algorithm,
        };
        of_kind && self.algorithm.is_none_or(|own| own == algorithm)
    }
}

impl VerificationKey {
    fn read(written: &WrittenKey) -> Option<Self> {
        match written.kty.as_str() {
            "RSA" => {
                let (modulus, exponent) = (number(&written.n)?, number(&written.e)?);
                let fits = modulus.len() <= LONGEST_RSA.0 && exponent.len() <= LONGEST_RSA.1;
                fits.then_some(Self::Rsa { modulus, exponent })
            }
            "EC" => {
                let (algorithm, length) = match written.crv.as_deref()? {
                    "P-256" => (TokenAlgorithm::Es256, 32),
                    "P-384" => (TokenAlgorithm::Es384, 48),
                    "P-521" => (TokenAlgorithm::Es512, 66),
                    _ => return None,
                };
                let (x, y) = (decoded(&written.x)?, decoded(&written.y)?);
                let fits = x.len() == length && y.len() == length;
                fits.then(|| Self::Elliptic {
                    point: [&[4], x.as_slice(), y.as_slice()].concat(),
                    algorithm,
                })
            }
            _ => None,
        }
    }
}

fn decoded(text: &Option<String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.as_deref()?).ok()
}

/// A number without the leading zeros that some issuers write.
fn number(text: &Option<String>) -> Option<Vec<u8>> {
    let bytes = decoded(text)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let number = bytes.get(zeros..)?;
    (!number.is_empty()).then(|| number.to_vec())
}
