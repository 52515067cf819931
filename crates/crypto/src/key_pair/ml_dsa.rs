//! ML-DSA (FIPS 204) by aws-lc, and its signatures over an external μ, which aws-lc-rs does not offer, by ml-dsa.

use super::once::get_or_make;
use crate::random::Generator;
use crate::signable::{Form, LONG_DIGEST_BYTES};
use crate::{KeyRejected, MlDsaSet, ModuleFailure, NotAuthentic};
use aws_lc_rs::pkcs8::Document;
use aws_lc_rs::signature::{
    self, KeyPair as _, ParsedPublicKey, PqdsaKeyPair, PqdsaSigningAlgorithm,
    PqdsaVerificationAlgorithm,
};
use ml_dsa::{ExpandedSigningKey, MlDsa44, MlDsa65, MlDsa87, MlDsaParams, Signature, VerifyingKey};
use std::sync::OnceLock;

/// Bytes of a seed ξ, with which the PKCS#8 form of RFC 9881 ends.
const SEED_BYTES: usize = 32;

pub(super) struct Private {
    set: MlDsaSet,
    key: PqdsaKeyPair,
    representing: OnceLock<Box<dyn SignRepresentative>>,
}

impl Private {
    pub(super) fn generate(set: MlDsaSet) -> Result<Self, ModuleFailure> {
        Ok(Self::new(set, PqdsaKeyPair::generate(signing(set))?))
    }

    /// Only a key that has its seed: an expanded one could not be written again.
    pub(super) fn from_pkcs8(set: MlDsaSet, der: &[u8]) -> Result<Self, KeyRejected> {
        let key = PqdsaKeyPair::from_pkcs8(signing(set), der)?;
        key.to_pkcs8v1()?;
        Ok(Self::new(set, key))
    }

    fn new(set: MlDsaSet, key: PqdsaKeyPair) -> Self {
        Self {
            set,
            key,
            representing: OnceLock::new(),
        }
    }

    /// The seed (RFC 9881 section 6).
    pub(super) fn pkcs8(&self) -> Result<Document, ModuleFailure> {
        Ok(self.key.to_pkcs8v1()?)
    }

    pub(super) fn public_bytes(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }

    pub(super) fn sign(&self, form: &Form<'_>) -> Result<Vec<u8>, ModuleFailure> {
        match form {
            Form::MlDsa(message) => {
                let mut signature = vec![0; signing(self.set).signature_len()];
                self.key.sign(message, &mut signature)?;
                Ok(signature)
            }
            Form::MlDsaMu(mu) => {
                get_or_make(&self.representing, || self.representing_key())?.sign(mu)
            }
            _ => Err(ModuleFailure),
        }
    }

    fn representing_key(&self) -> Result<Box<dyn SignRepresentative>, ModuleFailure> {
        let document = self.pkcs8()?;
        let seed = document
            .as_ref()
            .last_chunk::<SEED_BYTES>()
            .ok_or(ModuleFailure)?;
        Ok(match self.set {
            MlDsaSet::MlDsa44 => Box::new(ExpandedSigningKey::<MlDsa44>::from_seed(seed.into())),
            MlDsaSet::MlDsa65 => Box::new(ExpandedSigningKey::<MlDsa65>::from_seed(seed.into())),
            MlDsaSet::MlDsa87 => Box::new(ExpandedSigningKey::<MlDsa87>::from_seed(seed.into())),
        })
    }
}

pub(super) struct Public {
    set: MlDsaSet,
    whole: ParsedPublicKey,
    representing: OnceLock<Box<dyn VerifyRepresentative>>,
}

impl Public {
    pub(super) fn from_bytes(set: MlDsaSet, bytes: &[u8]) -> Result<Self, KeyRejected> {
        Ok(Self {
            set,
            whole: ParsedPublicKey::new(verification(set), bytes)?,
            representing: OnceLock::new(),
        })
    }

    pub(super) fn verify(&self, form: &Form<'_>, signature: &[u8]) -> Result<(), NotAuthentic> {
        match form {
            Form::MlDsa(message) => Ok(self.whole.verify_sig(message, signature)?),
            Form::MlDsaMu(mu) => {
                get_or_make(&self.representing, || self.representing_key())?.verify(mu, signature)
            }
            _ => Err(NotAuthentic),
        }
    }

    fn representing_key(&self) -> Result<Box<dyn VerifyRepresentative>, NotAuthentic> {
        let bytes = self.whole.as_ref();
        Ok(match self.set {
            MlDsaSet::MlDsa44 => Box::new(decode::<MlDsa44>(bytes)?),
            MlDsaSet::MlDsa65 => Box::new(decode::<MlDsa65>(bytes)?),
            MlDsaSet::MlDsa87 => Box::new(decode::<MlDsa87>(bytes)?),
        })
    }
}

fn decode<P: MlDsaParams>(bytes: &[u8]) -> Result<VerifyingKey<P>, NotAuthentic> {
    Ok(VerifyingKey::decode(
        bytes.try_into().map_err(|_| NotAuthentic)?,
    ))
}

trait SignRepresentative: Send + Sync {
    /// The hedged variant, as aws-lc's.
    fn sign(&self, mu: &[u8; LONG_DIGEST_BYTES]) -> Result<Vec<u8>, ModuleFailure>;
}

impl<P: MlDsaParams> SignRepresentative for ExpandedSigningKey<P>
where
    Self: Send + Sync,
{
    fn sign(&self, mu: &[u8; LONG_DIGEST_BYTES]) -> Result<Vec<u8>, ModuleFailure> {
        let signature = self.sign_mu_randomized(mu.into(), &mut Generator);
        Ok(signature.map_err(|_| ModuleFailure)?.encode().to_vec())
    }
}

trait VerifyRepresentative: Send + Sync {
    fn verify(&self, mu: &[u8; LONG_DIGEST_BYTES], signature: &[u8]) -> Result<(), NotAuthentic>;
}

impl<P: MlDsaParams> VerifyRepresentative for VerifyingKey<P>
where
    Self: Send + Sync,
{
    fn verify(&self, mu: &[u8; LONG_DIGEST_BYTES], signature: &[u8]) -> Result<(), NotAuthentic> {
        let signature = Signature::<P>::try_from(signature).map_err(|_| NotAuthentic)?;
        if self.verify_mu(mu.into(), &signature) {
            Ok(())
        } else {
            Err(NotAuthentic)
        }
    }
}

fn signing(set: MlDsaSet) -> &'static PqdsaSigningAlgorithm {
    match set {
        MlDsaSet::MlDsa44 => &signature::ML_DSA_44_SIGNING,
        MlDsaSet::MlDsa65 => &signature::ML_DSA_65_SIGNING,
        MlDsaSet::MlDsa87 => &signature::ML_DSA_87_SIGNING,
    }
}

fn verification(set: MlDsaSet) -> &'static PqdsaVerificationAlgorithm {
    match set {
        MlDsaSet::MlDsa44 => &signature::ML_DSA_44,
        MlDsaSet::MlDsa65 => &signature::ML_DSA_65,
        MlDsaSet::MlDsa87 => &signature::ML_DSA_87,
    }
}
