//! Keys that sign tokens of our own: RFC 7515 in compact form, and RFC 7517 for who verifies them.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base::Secret;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::{KeyRejected, ModuleFailure};

/// How a token is signed. AWS: AWS Security Token Service API Reference, "GetWebIdentityToken".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssuingAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, by a key of 2,048 bits.
    Rs256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
}

impl IssuingAlgorithm {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Es384, Self::Rs256];

    /// Its name (RFC 7518, section 3.1).
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es384 => "ES384",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// A private key that signs tokens.
pub struct IssuingKey(Pair);

enum Pair {
    Rsa(RsaKeyPair),
    Elliptic(EcdsaKeyPair),
}

impl IssuingKey {
    /// A new random key. RSA takes some tenths of a second.
    pub fn generate(algorithm: IssuingAlgorithm) -> Result<Self, ModuleFailure> {
        Ok(Self(match algorithm {
            IssuingAlgorithm::Rs256 => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048)?),
            IssuingAlgorithm::Es384 => {
                Pair::Elliptic(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING)?)
            }
        }))
    }

    /// The key that `pkcs8` gave.
    pub fn from_pkcs8(algorithm: IssuingAlgorithm, der: &[u8]) -> Result<Self, KeyRejected> {
        Ok(Self(match algorithm {
            IssuingAlgorithm::Rs256 => Pair::Rsa(RsaKeyPair::from_pkcs8(der)?),
            IssuingAlgorithm::Es384 => {
                let signing = &ECDSA_P384_SHA384_FIXED_SIGNING;
                Pair::Elliptic(EcdsaKeyPair::from_pkcs8(signing, der)?)
            }
        }))
    }

    /// The key as the DER of an unencrypted `PrivateKeyInfo` (RFC 5208): what is kept, sealed.
    pub fn pkcs8(&self) -> Result<Secret<Vec<u8>>, ModuleFailure> {
        Ok(Secret::new(match &self.0 {
            Pair::Rsa(key) => AsDer::<Pkcs8V1Der<'_>>::as_der(key)?.as_ref().to_vec(),
            Pair::Elliptic(key) => key.to_pkcs8v1()?.as_ref().to_vec(),
        }))
    }

    fn algorithm(&self) -> IssuingAlgorithm {
        match &self.0 {
            Pair::Rsa(_) => IssuingAlgorithm::Rs256,
            Pair::Elliptic(_) => IssuingAlgorithm::Es384,
        }
    }

    /// The public key as a JSON Web Key of this id.
    pub fn public_jwk(&self, id: &str) -> Result<Value, ModuleFailure> {
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let alg = self.algorithm().name();
        match &self.0 {
            Pair::Rsa(key) => {
                let der = key.public_key().as_der()?;
                let (_, info) =
                    SubjectPublicKeyInfo::from_der(der.as_ref()).map_err(|_| ModuleFailure)?;
                let Ok(PublicKey::RSA(public)) = info.parsed() else {
                    return Err(ModuleFailure);
                };
                let modulus = public.modulus.strip_prefix(&[0]).unwrap_or(public.modulus);
                let (n, e) = (encoded(modulus), encoded(public.exponent));
                Ok(json!({"kty": "RSA", "use": "sig", "alg": alg, "kid": id, "n": n, "e": e}))
            }
            Pair::Elliptic(key) => {
                let point = key.public_key().as_ref().get(1..).ok_or(ModuleFailure)?;
                let half = point.len() / 2;
                let (x, y) = point.split_at_checked(half).ok_or(ModuleFailure)?;
                let (x, y) = (encoded(x), encoded(y));
                Ok(
                    json!({"kty": "EC", "use": "sig", "alg": alg, "kid": id, "crv": "P-384", "x": x, "y": y}),
                )
            }
        }
    }

    /// The token of these claims, signed by the key, which it names by `id`.
    pub fn sign(&self, id: &str, claims: &Value) -> Result<Secret<String>, ModuleFailure> {
        let header = json!({"alg": self.algorithm().name(), "kid": id, "typ": "JWT"});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(claims));
        let random = SystemRandom::new();
        let signature = match &self.0 {
            Pair::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(
                    &RSA_PKCS1_SHA256,
                    &random,
                    signed.as_bytes(),
                    &mut signature,
                )?;
                signature
            }
            Pair::Elliptic(key) => key.sign(&random, signed.as_bytes())?.as_ref().to_vec(),
        };
        let signature = URL_SAFE_NO_PAD.encode(signature);
        Ok(Secret::new(format!("{signed}.{signature}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeySet, WebToken};

    #[test]
    fn tokens_are_verified_by_what_is_published() {
        for algorithm in IssuingAlgorithm::ALL {
            assert_eq!(IssuingAlgorithm::named(algorithm.name()), Some(algorithm));
            let key = IssuingKey::generate(algorithm).unwrap();
            let kept = key.pkcs8().unwrap();
            let key = IssuingKey::from_pkcs8(algorithm, kept.expose()).unwrap();
            let claims = json!({"iss": "https://a", "sub": "b"});
            let token = key.sign("one", &claims).unwrap();
            let published = json!({"keys": [key.public_jwk("one").unwrap()]}).to_string();
            let token = WebToken::parse(token.expose()).unwrap();
            let keys = KeySet::parse(published.as_bytes()).unwrap();
            assert_eq!(token.verified(&keys).unwrap(), claims.as_object().unwrap());
            let other = IssuingKey::generate(algorithm).unwrap();
            let other = json!({"keys": [other.public_jwk("one").unwrap()]}).to_string();
            let other = KeySet::parse(other.as_bytes()).unwrap();
            assert!(token.verified(&other).is_err());
            let public = key.public_jwk("one").unwrap();
            assert!(public.get("d").is_none() && public.get("p").is_none());
        }
        assert_eq!(IssuingAlgorithm::named("HS256"), None);
    }
}
