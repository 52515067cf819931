//! A 256-bit symmetric key, and sealing with a key of its own for each call.
//!
//! Sealed form, version 1:
//! `0x01 || nonce (16) || initialization vector (12) || ciphertext (as long as the plaintext) || tag (16)`.
//! The AES-256-GCM key of the call is KBKDF(material, "alcazar call key", nonce): see
//! <https://docs.aws.amazon.com/kms/latest/cryptographic-details/basic-concepts.html>.

use crate::kdf::{KEY_BYTES, derive};
use crate::{ModuleFailure, NotAuthentic, random};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base::Secret;
use std::fmt;

/// Length of a key's material in bytes.
pub const MATERIAL_BYTES: usize = KEY_BYTES;
/// How much longer the sealed form is than the plaintext, in bytes.
pub const SEALED_OVERHEAD: usize = HEADER_BYTES + TAG_BYTES;

const FORMAT: u8 = 1;
const CALL_NONCE_BYTES: usize = 16;
const HEADER_BYTES: usize = 1 + CALL_NONCE_BYTES + NONCE_LEN;
const TAG_BYTES: usize = 16;
const CALL_LABEL: &str = "alcazar call key";

/// A 256-bit symmetric key in custody: hidden in `Debug`, wiped on drop, and on the heap so that moving it leaves no
/// copy behind.
pub struct Material(Box<Secret<[u8; MATERIAL_BYTES]>>);

impl Material {
    /// A new random key.
    pub fn generate() -> Self {
        Self(Box::new(Secret::new(random::bytes())))
    }

    /// Takes bytes that are a key already, such as imported material.
    pub fn from_bytes(bytes: &[u8; MATERIAL_BYTES]) -> Self {
        Self(Box::new(Secret::new(*bytes)))
    }

    /// The key's bytes, only for wrapping it under another key.
    pub(crate) fn expose(&self) -> &[u8; MATERIAL_BYTES] {
        self.0.expose()
    }

    /// The key that `wrapper` sealed together with `aad`.
    pub(crate) fn unseal(wrapper: &Self, aad: &[u8], sealed: &[u8]) -> Result<Self, NotAuthentic> {
        let bytes = wrapper.open(aad, sealed)?;
        let bytes = bytes
            .expose()
            .as_slice()
            .try_into()
            .map_err(|_| NotAuthentic)?;
        Ok(Self::from_bytes(bytes))
    }

    /// The key under this one that belongs to `label` and `context`.
    pub(crate) fn derive(
        &self,
        label: &'static str,
        context: &[u8],
    ) -> Result<Self, ModuleFailure> {
        Ok(Self::from_bytes(&*derive(self.expose(), label, context)?))
    }

    /// Seals `plaintext` together with `aad`, which is authenticated and not kept: `open` needs the same. Two calls
    /// never give the same bytes. The result is `SEALED_OVERHEAD` bytes longer than the plaintext.
    pub fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, ModuleFailure> {
        let mut sealed = Vec::with_capacity(plaintext.len() + SEALED_OVERHEAD);
        self.seal_onto(aad, plaintext, &mut sealed)?;
        Ok(sealed)
    }

    /// As `seal`, behind the bytes that `sealed` has already.
    pub(crate) fn seal_onto(
        &self,
        aad: &[u8],
        plaintext: &[u8],
        sealed: &mut Vec<u8>,
    ) -> Result<(), ModuleFailure> {
        let nonce: [u8; CALL_NONCE_BYTES] = random::bytes();
        let vector: [u8; NONCE_LEN] = random::bytes();
        let key = self.call_key(&nonce)?;
        sealed.reserve(plaintext.len() + SEALED_OVERHEAD);
        sealed.push(FORMAT);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&vector);
        append_ciphertext(&key, vector, aad, plaintext, sealed)
    }

    /// The plaintext that `seal` was given, if both `sealed` and `aad` are what they were.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Secret<Vec<u8>>, NotAuthentic> {
        let (format, rest) = sealed.split_first().ok_or(NotAuthentic)?;
        let (nonce, rest) = rest
            .split_first_chunk::<CALL_NONCE_BYTES>()
            .ok_or(NotAuthentic)?;
        let (vector, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(NotAuthentic)?;
        if *format != FORMAT {
            return Err(NotAuthentic);
        }
        open_ciphertext(&self.call_key(nonce)?, *vector, aad, body)
    }

    fn call_key(&self, nonce: &[u8; CALL_NONCE_BYTES]) -> Result<LessSafeKey, ModuleFailure> {
        cipher(&*derive(self.expose(), CALL_LABEL, nonce)?)
    }
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Material(…)")
    }
}

/// AES-256-GCM under `key`. Whoever uses it answers for never using an initialization vector twice.
pub(crate) fn cipher(key: &[u8; KEY_BYTES]) -> Result<LessSafeKey, ModuleFailure> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?))
}

/// Appends ciphertext and tag of `plaintext` to `sealed`.
pub(crate) fn append_ciphertext(
    key: &LessSafeKey,
    vector: [u8; NONCE_LEN],
    aad: &[u8],
    plaintext: &[u8],
    sealed: &mut Vec<u8>,
) -> Result<(), ModuleFailure> {
    let start = sealed.len();
    sealed.extend_from_slice(plaintext);
    let body = sealed.get_mut(start..).ok_or(ModuleFailure)?;
    let nonce = Nonce::assume_unique_for_key(vector);
    match key.seal_in_place_separate_tag(nonce, Aad::from(aad), body) {
        Ok(tag) => sealed.extend_from_slice(tag.as_ref()),
        Err(failure) => {
            // The plaintext must not stay where a ciphertext was asked for.
            body.fill(0);
            sealed.truncate(start);
            return Err(failure.into());
        }
    }
    Ok(())
}

/// The plaintext of a ciphertext with its tag behind it.
pub(crate) fn open_ciphertext(
    key: &LessSafeKey,
    vector: [u8; NONCE_LEN],
    aad: &[u8],
    body: &[u8],
) -> Result<Secret<Vec<u8>>, NotAuthentic> {
    let (ciphertext, tag) = body.split_last_chunk::<TAG_BYTES>().ok_or(NotAuthentic)?;
    let mut plaintext = vec![0; ciphertext.len()];
    let nonce = Nonce::assume_unique_for_key(vector);
    key.open_separate_gather(nonce, Aad::from(aad), ciphertext, tag, &mut plaintext)?;
    Ok(Secret::new(plaintext))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_what_it_sealed() {
        let material = Material::generate();
        for length in [0usize, 1, 31, 32, 4096, 70_000] {
            let plaintext = vec![0xa5; length];
            let sealed = material.seal(b"aad", &plaintext).unwrap();
            assert_eq!(sealed.len(), length + SEALED_OVERHEAD);
            assert_eq!(material.open(b"aad", &sealed).unwrap().expose(), &plaintext);
        }
    }

    #[test]
    fn no_call_repeats_another() {
        let material = Material::generate();
        assert_ne!(
            material.seal(b"", b"x").unwrap(),
            material.seal(b"", b"x").unwrap()
        );
    }

    #[test]
    fn refuses_another_key_another_context_and_every_changed_bit() {
        let material = Material::generate();
        let sealed = material.seal(b"aad", b"plaintext").unwrap();
        assert_eq!(
            Material::generate().open(b"aad", &sealed),
            Err(NotAuthentic)
        );
        assert_eq!(material.open(b"", &sealed), Err(NotAuthentic));
        assert_eq!(material.open(b"aad ", &sealed), Err(NotAuthentic));
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                material.open(b"aad", &altered),
                Err(NotAuthentic),
                "bit {bit}"
            );
        }
        for length in 0..sealed.len() {
            assert_eq!(
                material.open(b"aad", &sealed[..length]),
                Err(NotAuthentic),
                "length {length}"
            );
        }
    }

    /// A ciphertext of format 1 stays readable for ever.
    #[test]
    fn golden() {
        let material = Material::from_bytes(&[0x42; 32]);
        let sealed = [
            1, 166, 7, 104, 150, 67, 108, 209, 123, 95, 67, 184, 123, 233, 26, 147, 196, 174, 207,
            236, 81, 199, 254, 101, 235, 87, 81, 69, 35, 84, 91, 14, 107, 99, 88, 244, 73, 57, 233,
            163, 67, 26, 209, 187, 0, 109, 82, 97, 182, 214, 37, 51, 27, 86,
        ];
        assert_eq!(
            material.open(b"aad", &sealed).unwrap().expose(),
            b"plaintext"
        );
    }

    #[test]
    fn debug_hides() {
        assert_eq!(
            format!("{:?}", Material::from_bytes(&[9; 32])),
            "Material(…)"
        );
    }
}
