//! JSON Web Tokens (RFC 7519), signed, in compact form (RFC 7515), and the keys that vouch for them.
//!
//! The algorithm is one that the key has, whatever the token says: there is none without a signature, and none whose key
//! the issuer would have to share.

mod issuing_key;
mod key_set;

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RsaParameters, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

pub use issuing_key::{IssuingAlgorithm, IssuingKey};
pub use key_set::{KeySet, UnusableKeySet};
use key_set::{TokenKey, VerificationKey};

/// Longest token, in bytes. AWS: AWS Security Token Service API Reference, "AssumeRoleWithWebIdentity".
pub const LONGEST_WEB_TOKEN: usize = 20_000;

/// How a token is signed. AWS: IAM User Guide, "Create an OpenID Connect (OIDC) identity provider in IAM".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
}

impl TokenAlgorithm {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "ES512" => Self::Es512,
            _ => return None,
        })
    }

    fn rsa(self) -> Option<&'static RsaParameters> {
        Some(match self {
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
            Self::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
            _ => return None,
        })
    }

    /// What verifies signatures of this algorithm by bare public keys.
    pub(crate) fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
            Self::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
            Self::Es256 => &ECDSA_P256_SHA256_FIXED,
            Self::Es384 => &ECDSA_P384_SHA384_FIXED,
            Self::Es512 => &ECDSA_P521_SHA512_FIXED,
        }
    }

    fn elliptic(self) -> Option<&'static dyn VerificationAlgorithm> {
        Some(match self {
            Self::Es256 => &ECDSA_P256_SHA256_FIXED,
            Self::Es384 => &ECDSA_P384_SHA384_FIXED,
            Self::Es512 => &ECDSA_P521_SHA512_FIXED,
            _ => return None,
        })
    }
}

/// What is no signed token of a known algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a JSON Web Token signed by a known algorithm")]
pub struct MalformedToken;

/// Why a token is not to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnverifiedToken {
    /// The set has no key that the token could be signed with.
    #[error("no key of the issuer is the token's")]
    UnknownKey,
    /// It has such a key, and the signature is not the key's.
    #[error("the signature is not that of the issuer's key")]
    WrongSignature,
}

/// A token. What it claims is told to whoever has the keys of its issuer.
pub struct WebToken {
    signed: String,
    algorithm: TokenAlgorithm,
    key_id: Option<String>,
    signature: Vec<u8>,
    claims: Map<String, Value>,
}

impl WebToken {
    /// Reads a token; nothing of it is proved yet.
    ///
    /// # Errors
    /// If it is none, or is signed by an algorithm that is not known, or has a critical header (RFC 7515, 4.1.11).
    pub fn parse(text: &str) -> Result<Self, MalformedToken> {
        if text.len() > LONGEST_WEB_TOKEN {
            return Err(MalformedToken);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(MalformedToken)?;
        let (header, claims) = signed.split_once('.').ok_or(MalformedToken)?;
        let header = object(header)?;
        let algorithm = header.get("alg").and_then(Value::as_str);
        let algorithm = algorithm.and_then(TokenAlgorithm::named);
        let algorithm = algorithm.ok_or(MalformedToken)?;
        if header.contains_key("crit") {
            return Err(MalformedToken);
        }
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return Err(MalformedToken),
        };
        Ok(Self {
            algorithm,
            key_id,
            claims: object(claims)?,
            signature: bytes(signature)?,
            signed: signed.to_owned(),
        })
    }

    /// Who it says has issued it: only good to find whose keys prove it.
    pub fn said_issuer(&self) -> Option<&str> {
        self.claims.get("iss").and_then(Value::as_str)
    }

    /// Its claims, if a key of the set has signed them.
    ///
    /// # Errors
    /// If none has.
    pub fn verified(&self, keys: &KeySet) -> Result<&Map<String, Value>, UnverifiedToken> {
        let fitting = keys.fitting(self.key_id.as_deref(), self.algorithm);
        if fitting.is_empty() {
            return Err(UnverifiedToken::UnknownKey);
        }
        match fitting.iter().any(|key| self.is_signed_by(key)) {
            true => Ok(&self.claims),
            false => Err(UnverifiedToken::WrongSignature),
        }
    }

    fn is_signed_by(&self, key: &TokenKey) -> bool {
        let (message, signature) = (self.signed.as_bytes(), self.signature.as_slice());
        match &key.key {
            VerificationKey::Rsa { modulus, exponent } => {
                let key = PublicKeyComponents {
                    n: modulus,
                    e: exponent,
                };
                let parameters = self.algorithm.rsa();
                parameters.is_some_and(|with| key.verify(with, message, signature).is_ok())
            }
            VerificationKey::Elliptic { point, .. } => {
                let algorithm = self.algorithm.elliptic();
                algorithm.is_some_and(|algorithm| {
                    let key = UnparsedPublicKey::new(algorithm, point);
                    key.verify(message, signature).is_ok()
                })
            }
        }
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, MalformedToken> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| MalformedToken)
}

fn object(text: &str) -> Result<Map<String, Value>, MalformedToken> {
    serde_json::from_slice(&bytes(text)?).map_err(|_| MalformedToken)
}

#[cfg(test)]
mod tests;
