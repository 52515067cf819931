//! RSA: RSASSA-PSS, RSASSA-PKCS1-v1_5 and RSAES-OAEP (RFC 8017).

use super::once::get_or_make;
use crate::signable::Form;
use crate::{Hash, KeyRejected, ModuleFailure, NotAuthentic, RsaSize};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    self, KeyPair as _, ParsedPublicKey, RsaEncoding, RsaKeyPair, RsaParameters,
};
use base::Secret;
use std::sync::OnceLock;

/// RSAES-OAEP, MGF1 over the same hash, no label: `EncryptionAlgorithm` of KMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oaep {
    /// `RSAES_OAEP_SHA_1`.
    Sha1,
    /// `RSAES_OAEP_SHA_256`.
    Sha256,
}

impl Oaep {
    /// The longest plaintext that a key of this size encrypts, in bytes.
    pub fn longest_plaintext(self, size: RsaSize) -> usize {
        let digest_bytes = match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        };
        size.bytes() - 2 * digest_bytes - 2
    }

    pub(crate) fn algorithm(self) -> &'static OaepAlgorithm {
        match self {
            Self::Sha1 => &OAEP_SHA1_MGF1SHA1,
            Self::Sha256 => &OAEP_SHA256_MGF1SHA256,
        }
    }
}

/// A private key. What decrypts is made of it when it is first asked for, because a key of KMS either signs or decrypts.
pub(super) struct Private {
    key: RsaKeyPair,
    decrypting: OnceLock<OaepPrivateDecryptingKey>,
}

impl Private {
    pub(super) fn generate(size: RsaSize) -> Result<Self, ModuleFailure> {
        let size = match size {
            RsaSize::Bits2048 => KeySize::Rsa2048,
            RsaSize::Bits3072 => KeySize::Rsa3072,
            RsaSize::Bits4096 => KeySize::Rsa4096,
        };
        Ok(Self::new(RsaKeyPair::generate(size)?))
    }

    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, KeyRejected> {
        Ok(Self::new(RsaKeyPair::from_pkcs8(der)?))
    }

    fn new(key: RsaKeyPair) -> Self {
        Self {
            key,
            decrypting: OnceLock::new(),
        }
    }

    pub(super) fn pkcs8(&self) -> Result<Pkcs8V1Der<'static>, ModuleFailure> {
        Ok(AsDer::<Pkcs8V1Der>::as_der(&self.key)?)
    }

    pub(super) fn public_der(&self) -> Result<Vec<u8>, ModuleFailure> {
        Ok(self.key.public_key().as_der()?.as_ref().to_vec())
    }

    pub(super) fn sign(&self, form: &Form<'_>) -> Result<Vec<u8>, ModuleFailure> {
        let (encoding, digest): (&'static dyn RsaEncoding, _) = match form {
            Form::RsassaPss(Hash::Sha256, digest) => (&signature::RSA_PSS_SHA256, digest),
            Form::RsassaPss(Hash::Sha384, digest) => (&signature::RSA_PSS_SHA384, digest),
            Form::RsassaPss(Hash::Sha512, digest) => (&signature::RSA_PSS_SHA512, digest),
            Form::RsassaPkcs1V15(Hash::Sha256, digest) => (&signature::RSA_PKCS1_SHA256, digest),
            Form::RsassaPkcs1V15(Hash::Sha384, digest) => (&signature::RSA_PKCS1_SHA384, digest),
            Form::RsassaPkcs1V15(Hash::Sha512, digest) => (&signature::RSA_PKCS1_SHA512, digest),
            _ => return Err(ModuleFailure),
        };
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign_digest(encoding, digest, &mut signature)?;
        Ok(signature)
    }

    /// The plaintext, or one and the same error whatever is wrong with the ciphertext.
    pub(super) fn decrypt(
        &self,
        oaep: Oaep,
        ciphertext: &[u8],
    ) -> Result<Secret<Vec<u8>>, NotAuthentic> {
        let key = get_or_make(&self.decrypting, || self.decrypting_key())?;
        let mut buffer = Secret::new(vec![0; key.min_output_size()]);
        let plaintext = key.decrypt(oaep.algorithm(), ciphertext, buffer.expose_mut(), None)?;
        Ok(Secret::new(plaintext.to_vec()))
    }

    fn decrypting_key(&self) -> Result<OaepPrivateDecryptingKey, ModuleFailure> {
        let key =
            PrivateDecryptingKey::from_pkcs8(self.pkcs8()?.as_ref()).map_err(|_| ModuleFailure)?;
        Ok(OaepPrivateDecryptingKey::new(key)?)
    }
}

/// A public key. The library ties a parsed key to one algorithm, so there is one for each that was asked for.
pub(super) struct Public {
    verifying: [OnceLock<ParsedPublicKey>; 6],
    encrypting: OaepPublicEncryptingKey,
}

impl Public {
    pub(super) fn from_der(der: &[u8]) -> Result<Self, KeyRejected> {
        let key = PublicEncryptingKey::from_der(der)?;
        Ok(Self {
            verifying: Default::default(),
            encrypting: OaepPublicEncryptingKey::new(key)?,
        })
    }

    pub(super) fn verify(
        &self,
        der: &[u8],
        form: &Form<'_>,
        signature: &[u8],
    ) -> Result<(), NotAuthentic> {
        let [pss_256, pss_384, pss_512, pkcs1_256, pkcs1_384, pkcs1_512] = &self.verifying;
        let (key, parameters, digest): (_, &'static RsaParameters, _) = match form {
            Form::RsassaPss(Hash::Sha256, digest) => {
                (pss_256, &signature::RSA_PSS_2048_8192_SHA256, digest)
            }
            Form::RsassaPss(Hash::Sha384, digest) => {
                (pss_384, &signature::RSA_PSS_2048_8192_SHA384, digest)
            }
            Form::RsassaPss(Hash::Sha512, digest) => {
                (pss_512, &signature::RSA_PSS_2048_8192_SHA512, digest)
            }
            Form::RsassaPkcs1V15(Hash::Sha256, digest) => {
                (pkcs1_256, &signature::RSA_PKCS1_2048_8192_SHA256, digest)
            }
            Form::RsassaPkcs1V15(Hash::Sha384, digest) => {
                (pkcs1_384, &signature::RSA_PKCS1_2048_8192_SHA384, digest)
            }
            Form::RsassaPkcs1V15(Hash::Sha512, digest) => {
                (pkcs1_512, &signature::RSA_PKCS1_2048_8192_SHA512, digest)
            }
            _ => return Err(NotAuthentic),
        };
        let key =
            get_or_make(key, || ParsedPublicKey::new(parameters, der)).map_err(|_| NotAuthentic)?;
        Ok(key.verify_digest_sig(digest, signature)?)
    }

    pub(super) fn encrypt(&self, oaep: Oaep, plaintext: &[u8]) -> Result<Vec<u8>, ModuleFailure> {
        let mut ciphertext = vec![0; self.encrypting.ciphertext_size()];
        let algorithm = oaep.algorithm();
        self.encrypting
            .encrypt(algorithm, plaintext, &mut ciphertext, None)?;
        Ok(ciphertext)
    }
}
