//! ECDSA (FIPS 186-5) and ECDH (NIST SP 800-56A, section 5.7.1.2) over the curves of NIST.

use super::once::get_or_make;
use crate::signable::Form;
use crate::{KeyPairSpec, KeyRejected, ModuleFailure, NistCurve, NotAuthentic, der};
use aws_lc_rs::agreement::{self, ParsedPublicKeyFormat, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::encoding::{AsDer, EcPrivateKeyRfc5915Der};
use aws_lc_rs::pkcs8::Document;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, KeyPair as _,
};
use base::Secret;
use std::sync::OnceLock;

/// A private key. What agrees on secrets is made of it when it is first asked for, because a key of KMS either signs or
/// agrees.
pub(super) struct Private {
    curve: NistCurve,
    key: EcdsaKeyPair,
    agreeing: OnceLock<PrivateKey>,
}

impl Private {
    pub(super) fn generate(curve: NistCurve) -> Result<Self, ModuleFailure> {
        Ok(Self::new(curve, EcdsaKeyPair::generate(signing(curve))?))
    }

    pub(super) fn from_pkcs8(curve: NistCurve, der: &[u8]) -> Result<Self, KeyRejected> {
        let key = EcdsaKeyPair::from_pkcs8(signing(curve), der)?;
        Ok(Self::new(curve, key))
    }

    fn new(curve: NistCurve, key: EcdsaKeyPair) -> Self {
        Self {
            curve,
            key,
            agreeing: OnceLock::new(),
        }
    }

    pub(super) fn pkcs8(&self) -> Result<Document, ModuleFailure> {
        Ok(self.key.to_pkcs8v1()?)
    }

    /// The point, uncompressed.
    pub(super) fn public_point(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }

    pub(super) fn sign(&self, form: &Form<'_>) -> Result<Vec<u8>, ModuleFailure> {
        match form {
            Form::Ecdsa(digest) => Ok(self.key.sign_digest(digest)?.as_ref().to_vec()),
            _ => Err(ModuleFailure),
        }
    }

    /// The secret shared with the owner of `peer`, the DER of a `SubjectPublicKeyInfo`: the x coordinate, as long as the
    /// field. A point of another curve, or of none, is refused,
    /// and a curve that is spelled out instead of named.
    pub(super) fn agree(&self, peer: &[u8]) -> Result<Secret<Vec<u8>>, NotAuthentic> {
        let content = der::only_sequence(peer).map_err(|_| NotAuthentic)?;
        if !content.starts_with(KeyPairSpec::Nist(self.curve).algorithm_identifier()) {
            return Err(NotAuthentic);
        }
        let algorithm = agreement(self.curve);
        let peer = agreement::ParsedPublicKey::try_from(UnparsedPublicKey::new(algorithm, peer))
            .map_err(|_| NotAuthentic)?;
        if peer.format() != ParsedPublicKeyFormat::X509 {
            return Err(NotAuthentic);
        }
        let key = get_or_make(&self.agreeing, || self.agreeing_key())?;
        agree(key, peer, NotAuthentic, |secret| {
            Ok(Secret::new(secret.to_vec()))
        })
    }

    fn agreeing_key(&self) -> Result<PrivateKey, ModuleFailure> {
        let der = AsDer::<EcPrivateKeyRfc5915Der>::as_der(&self.key.private_key())?;
        PrivateKey::from_private_key_der(agreement(self.curve), der.as_ref())
            .map_err(|_| ModuleFailure)
    }
}

fn signing(curve: NistCurve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        NistCurve::P256 => &signature::ECDSA_P256_SHA256_ASN1_SIGNING,
        NistCurve::P384 => &signature::ECDSA_P384_SHA384_ASN1_SIGNING,
        NistCurve::P521 => &signature::ECDSA_P521_SHA512_ASN1_SIGNING,
    }
}

pub(super) fn verification(curve: NistCurve) -> &'static EcdsaVerificationAlgorithm {
    match curve {
        NistCurve::P256 => &signature::ECDSA_P256_SHA256_ASN1,
        NistCurve::P384 => &signature::ECDSA_P384_SHA384_ASN1,
        NistCurve::P521 => &signature::ECDSA_P521_SHA512_ASN1,
    }
}

fn agreement(curve: NistCurve) -> &'static agreement::Algorithm {
    match curve {
        NistCurve::P256 => &agreement::ECDH_P256,
        NistCurve::P384 => &agreement::ECDH_P384,
        NistCurve::P521 => &agreement::ECDH_P521,
    }
}
