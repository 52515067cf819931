//! Unwrapping of key material that was wrapped for import.

use crate::{KeyPair, NotAuthentic, Oaep};
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded};
use base::Secret;

/// `WrappingAlgorithm` of KMS: how material is wrapped under the public RSA key that KMS handed out for it.
/// Source: AWS KMS Developer Guide, "Select a wrapping algorithm".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportWrapping {
    /// `RSAES_OAEP_SHA_*`: the material itself, as far as it fits.
    RsaesOaep(Oaep),
    /// `RSA_AES_KEY_WRAP_SHA_*`: a 256-bit AES key under RSAES-OAEP, then the material under that key by AES key wrap
    /// with padding (RFC 5649).
    RsaAesKeyWrap(Oaep),
}

impl ImportWrapping {
    /// The material in `wrapped`, for the owner of `key`, an RSA key pair. The error does not say what was wrong.
    pub fn unwrap(self, key: &KeyPair, wrapped: &[u8]) -> Result<Secret<Vec<u8>>, NotAuthentic> {
        match self {
            Self::RsaesOaep(oaep) => key.decrypt(oaep, wrapped),
            Self::RsaAesKeyWrap(oaep) => {
                let crate::KeyPairSpec::Rsa(size) = key.spec() else {
                    return Err(NotAuthentic);
                };
                let (aes_key, wrapped) =
                    wrapped.split_at_checked(size.bytes()).ok_or(NotAuthentic)?;
                unwrap_padded(key.decrypt(oaep, aes_key)?.expose(), wrapped)
            }
        }
    }
}

fn unwrap_padded(aes_key: &[u8], wrapped: &[u8]) -> Result<Secret<Vec<u8>>, NotAuthentic> {
    let mut buffer = Secret::new(vec![0; wrapped.len()]);
    let material =
        AesKek::new(&AES_256, aes_key)?.unwrap_with_padding(wrapped, buffer.expose_mut())?;
    Ok(Secret::new(material.to_vec()))
}
