//! What opens XML that was encrypted for an RSA key of ours. Source: XML Encryption Syntax and Processing 1.1, sections 5.2
//! and 5.5.

use aws_lc_rs::aead::{self, AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, UnboundKey};
use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey,
};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{self, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base::Secret;
use x509_parser::pem::Pem;
use zeroize::Zeroizing;

use crate::{NotAuthentic, Oaep};

/// How the content is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentCipher {
    /// AES-128 in CBC mode. Who changes it is not found out by decryption.
    Aes128Cbc,
    /// AES-192 in CBC mode, likewise.
    Aes192Cbc,
    /// AES-256 in CBC mode, likewise.
    Aes256Cbc,
    /// AES-128 in GCM.
    Aes128Gcm,
    /// AES-192 in GCM.
    Aes192Gcm,
    /// AES-256 in GCM.
    Aes256Gcm,
}

/// An RSA key that opens. Hidden in `Debug`.
pub struct DecryptionKey(OaepPrivateDecryptingKey);

impl std::fmt::Debug for DecryptionKey {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("DecryptionKey")
    }
}

impl DecryptionKey {
    /// The one private key of a PEM text, not encrypted, of 2,048 bits at least; `None` for anything else.
    pub fn from_pem(pem: &Secret<String>) -> Option<Self> {
        let mut blocks = Pem::iter_from_buffer(pem.expose().as_bytes());
        let Pem { label, contents } = blocks.next()?.ok()?;
        let contents = Zeroizing::new(contents);
        if blocks.next().is_some() {
            return None;
        }
        let pair = match &*label {
            "RSA PRIVATE KEY" => rsa::KeyPair::from_der(&contents).ok()?,
            "PRIVATE KEY" => rsa::KeyPair::from_pkcs8(&contents).ok()?,
            _ => return None,
        };
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).ok()?;
        let key = PrivateDecryptingKey::from_pkcs8(der.as_ref()).ok()?;
        OaepPrivateDecryptingKey::new(key).ok().map(Self)
    }

    /// The content, whose key is wrapped for this one.
    ///
    /// # Errors
    /// One and the same, whatever is wrong.
    pub fn open(
        &self,
        oaep: Oaep,
        wrapped: &[u8],
        cipher: ContentCipher,
        content: &[u8],
    ) -> Result<Secret<Vec<u8>>, NotAuthentic> {
        let mut buffer = Secret::new(vec![0; self.0.min_output_size()]);
        let key = self
            .0
            .decrypt(oaep.algorithm(), wrapped, buffer.expose_mut(), None)?;
        match cipher {
            ContentCipher::Aes128Cbc => cbc(&AES_128, key, content),
            ContentCipher::Aes192Cbc => cbc(&AES_192, key, content),
            ContentCipher::Aes256Cbc => cbc(&AES_256, key, content),
            ContentCipher::Aes128Gcm => gcm(&AES_128_GCM, key, content),
            ContentCipher::Aes192Gcm => gcm(&AES_192_GCM, key, content),
            ContentCipher::Aes256Gcm => gcm(&AES_256_GCM, key, content),
        }
    }
}

/// The vector, then the ciphertext, whose last byte tells how many were added.
fn cbc(
    algorithm: &'static aws_lc_rs::cipher::Algorithm,
    key: &[u8],
    content: &[u8],
) -> Result<Secret<Vec<u8>>, NotAuthentic> {
    let (vector, ciphertext) = content.split_first_chunk::<16>().ok_or(NotAuthentic)?;
    let key = PaddedBlockDecryptingKey::cbc_iso10126(UnboundCipherKey::new(algorithm, key)?)?;
    let mut buffer = Secret::new(ciphertext.to_vec());
    let context = DecryptionContext::Iv128(FixedLength::from(*vector));
    let plaintext = key.decrypt(buffer.expose_mut(), context)?;
    Ok(Secret::new(plaintext.to_vec()))
}

/// The nonce, then the ciphertext with its tag.
fn gcm(
    algorithm: &'static aead::Algorithm,
    key: &[u8],
    content: &[u8],
) -> Result<Secret<Vec<u8>>, NotAuthentic> {
    let (nonce, ciphertext) = content.split_first_chunk::<12>().ok_or(NotAuthentic)?;
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key)?);
    let nonce = aead::Nonce::assume_unique_for_key(*nonce);
    let mut buffer = Secret::new(ciphertext.to_vec());
    let plaintext = key.open_in_place(nonce, Aad::empty(), buffer.expose_mut())?;
    Ok(Secret::new(plaintext.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::cipher::PaddedBlockEncryptingKey;
    use aws_lc_rs::rsa::{OaepPublicEncryptingKey, PublicEncryptingKey};

    fn pem(label: &str, der: &[u8]) -> Secret<String> {
        use base64::Engine;
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        Secret::new(format!(
            "-----BEGIN {label}-----\n{text}\n-----END {label}-----\n"
        ))
    }

    #[test]
    fn opens_what_was_encrypted_for_it() {
        let private = PrivateDecryptingKey::generate(rsa::KeySize::Rsa2048).unwrap();
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&private).unwrap();
        let ours = DecryptionKey::from_pem(&pem("PRIVATE KEY", der.as_ref())).unwrap();
        assert!(DecryptionKey::from_pem(&pem("RSA PRIVATE KEY", der.as_ref())).is_none());
        assert!(DecryptionKey::from_pem(&Secret::new("x".into())).is_none());
        let public: PublicEncryptingKey = private.public_key();
        let public = OaepPublicEncryptingKey::new(public).unwrap();
        let wrap = |oaep: Oaep, key: &[u8]| {
            let mut buffer = vec![0; public.ciphertext_size()];
            let wrapped = public
                .encrypt(oaep.algorithm(), key, &mut buffer, None)
                .unwrap();
            wrapped.to_vec()
        };
        let key = [7; 16];
        let sealing =
            PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_128, &key).unwrap())
                .unwrap();
        let mut data = b"<a/>".to_vec();
        let context = sealing.encrypt(&mut data).unwrap();
        let vector: &[u8] = (&context).try_into().unwrap();
        let content = [vector, &data].concat();
        let wrapped = wrap(Oaep::Sha1, &key);
        let opened = ours.open(Oaep::Sha1, &wrapped, ContentCipher::Aes128Cbc, &content);
        assert_eq!(opened.unwrap().expose(), b"<a/>");
        let key = [9; 32];
        let sealing = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).unwrap());
        let mut data = b"<b/>".to_vec();
        let nonce = aead::Nonce::assume_unique_for_key([1; 12]);
        sealing
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut data)
            .unwrap();
        let content = [&[1; 12][..], &data].concat();
        let wrapped = wrap(Oaep::Sha256, &key);
        let cipher = ContentCipher::Aes256Gcm;
        let opened = ours.open(Oaep::Sha256, &wrapped, cipher, &content);
        assert_eq!(opened.unwrap().expose(), b"<b/>");
        let mut changed = content.clone();
        changed[13] ^= 1;
        assert!(ours.open(Oaep::Sha256, &wrapped, cipher, &changed).is_err());
        assert!(ours.open(Oaep::Sha1, &wrapped, cipher, &content).is_err());
        let other = ContentCipher::Aes128Gcm;
        assert!(ours.open(Oaep::Sha256, &wrapped, other, &content).is_err());
        assert!(
            ours.open(Oaep::Sha256, &wrapped, cipher, &content[..11])
                .is_err()
        );
    }
}
