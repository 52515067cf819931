//! ECDSA over secp256k1 (SEC 2, section 2.4.1). Keys are made and read by aws-lc, which also verifies; k256 signs, seven
//! times as fast.

use crate::random::Generator;
use crate::signable::Form;
use crate::{KeyRejected, ModuleFailure};
use aws_lc_rs::encoding::{AsBigEndian, EcPrivateKeyBin};
use aws_lc_rs::pkcs8::Document;
use aws_lc_rs::signature::{ECDSA_P256K1_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use k256::ecdsa::Signature;
use k256::ecdsa::SigningKey;
use k256::ecdsa::signature::hazmat::RandomizedPrehashSigner;

pub(super) struct Private {
    key: SigningKey,
    public_point: Box<[u8]>,
}

impl Private {
    pub(super) fn generate() -> Result<Self, ModuleFailure> {
        Self::new(&EcdsaKeyPair::generate(&ECDSA_P256K1_SHA256_ASN1_SIGNING)?)
    }

    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, KeyRejected> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256K1_SHA256_ASN1_SIGNING, der)?;
        Ok(Self::new(&pair)?)
    }

    fn new(pair: &EcdsaKeyPair) -> Result<Self, ModuleFailure> {
        let scalar = AsBigEndian::<EcPrivateKeyBin>::as_be_bytes(&pair.private_key())?;
        Ok(Self {
            key: SigningKey::from_slice(scalar.as_ref()).map_err(|_| ModuleFailure)?,
            public_point: pair.public_key().as_ref().into(),
        })
    }

    pub(super) fn pkcs8(&self) -> Result<Document, ModuleFailure> {
        let scalar = zeroize::Zeroizing::new(self.key.to_bytes());
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256K1_SHA256_ASN1_SIGNING,
            &scalar,
            &self.public_point,
        );
        Ok(pair.map_err(|_| ModuleFailure)?.to_pkcs8v1()?)
    }

    /// The point, uncompressed.
    pub(super) fn public_point(&self) -> &[u8] {
        &self.public_point
    }

    /// The nonce is RFC 6979's with fresh randomness mixed in (its section 3.6).
    pub(super) fn sign(&self, form: &Form<'_>) -> Result<Vec<u8>, ModuleFailure> {
        let Form::Ecdsa(digest) = form else {
            return Err(ModuleFailure);
        };
        let signature: Signature = self
            .key
            .sign_prehash_with_rng(&mut Generator, digest.as_ref())
            .map_err(|_| ModuleFailure)?;
        Ok(signature.to_der().as_bytes().to_vec())
    }
}
