//! Ed25519 by aws-lc, and Ed25519ph (RFC 8032 section 5.1), which aws-lc-rs does not offer, by ed25519-dalek.

use super::once::get_or_make;
use crate::signable::{Form, LONG_DIGEST_BYTES};
use crate::{KeyRejected, ModuleFailure, NotAuthentic};
use aws_lc_rs::encoding::{AsBigEndian, Curve25519SeedBin};
use aws_lc_rs::pkcs8::Document;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, ParsedPublicKey};
use ed25519_dalek::ed25519::signature::digest::consts::U64;
use ed25519_dalek::ed25519::signature::digest::{
    FixedOutput, HashMarker, Output, OutputSizeUser, Update,
};
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use std::sync::OnceLock;

pub(super) struct Private {
    key: Ed25519KeyPair,
    prehashing: OnceLock<SigningKey>,
}

impl Private {
    pub(super) fn generate() -> Result<Self, ModuleFailure> {
        Ok(Self::new(Ed25519KeyPair::generate()?))
    }

    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, KeyRejected> {
        Ok(Self::new(Ed25519KeyPair::from_pkcs8(der)?))
    }

    fn new(key: Ed25519KeyPair) -> Self {
        Self {
            key,
            prehashing: OnceLock::new(),
        }
    }

    /// Version 1: the seed alone.
    pub(super) fn pkcs8(&self) -> Result<Document, ModuleFailure> {
        Ok(self.key.to_pkcs8v1()?)
    }

    pub(super) fn public_bytes(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }

    pub(super) fn sign(&self, form: &Form<'_>) -> Result<Vec<u8>, ModuleFailure> {
        match form {
            Form::Ed25519(message) => Ok(self.key.try_sign(message)?.as_ref().to_vec()),
            Form::Ed25519Ph(digest) => {
                let key = get_or_make(&self.prehashing, || self.prehashing_key())?;
                let signature = key.sign_prehashed(Prehashed(*digest), None);
                Ok(signature.map_err(|_| ModuleFailure)?.to_bytes().to_vec())
            }
            _ => Err(ModuleFailure),
        }
    }

    fn prehashing_key(&self) -> Result<SigningKey, ModuleFailure> {
        let seed = AsBigEndian::<Curve25519SeedBin>::as_be_bytes(&self.key.seed()?)?;
        SigningKey::try_from(seed.as_ref()).map_err(|_| ModuleFailure)
    }
}

pub(super) struct Public {
    pure: ParsedPublicKey,
    prehashing: VerifyingKey,
}

impl Public {
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, KeyRejected> {
        Ok(Self {
            pure: ParsedPublicKey::new(&ED25519, bytes)?,
            prehashing: VerifyingKey::try_from(bytes).map_err(|_| KeyRejected)?,
        })
    }

    pub(super) fn verify(&self, form: &Form<'_>, signature: &[u8]) -> Result<(), NotAuthentic> {
        match form {
            Form::Ed25519(message) => Ok(self.pure.verify_sig(message, signature)?),
            Form::Ed25519Ph(digest) => {
                let signature = Signature::from_slice(signature).map_err(|_| NotAuthentic)?;
                self.prehashing
                    .verify_prehashed_strict(Prehashed(*digest), None, &signature)
                    .map_err(|_| NotAuthentic)
            }
            _ => Err(NotAuthentic),
        }
    }
}

/// A digest that somebody else computed, in the place where ed25519-dalek wants a hash function it can finish.
#[derive(Clone)]
struct Prehashed([u8; LONG_DIGEST_BYTES]);

impl HashMarker for Prehashed {}

impl OutputSizeUser for Prehashed {
    type OutputSize = U64;
}

impl Default for Prehashed {
    fn default() -> Self {
        Self([0; LONG_DIGEST_BYTES])
    }
}

impl Update for Prehashed {
    /// INVARIANT: never called; the digest is finished.
    fn update(&mut self, _: &[u8]) {}
}

impl FixedOutput for Prehashed {
    fn finalize_into(self, out: &mut Output<Self>) {
        out.copy_from_slice(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::digest::{SHA512, digest};

    /// RFC 8032 section 7.3.
    #[test]
    fn ed25519ph_of_the_rfc() {
        let seed = "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42";
        let der = hex::decode(format!("302e020100300506032b657004220420{seed}")).unwrap();
        let key = Private::from_pkcs8(&der).unwrap();
        let digest = digest(&SHA512, b"abc").as_ref().try_into().unwrap();
        let signature = key.sign(&Form::Ed25519Ph(digest)).unwrap();
        let expected = "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41\
                        31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406";
        assert_eq!(hex::encode(&signature), expected);
        let public = Public::from_bytes(key.public_bytes()).unwrap();
        assert_eq!(public.verify(&Form::Ed25519Ph(digest), &signature), Ok(()));
        let pure = Form::Ed25519(&digest);
        assert_eq!(public.verify(&pure, &signature), Err(NotAuthentic));
    }
}
