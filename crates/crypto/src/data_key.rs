//! A key that seals one value: what KMS makes for values larger than those it encrypts itself.
//!
//! Sealed form, version 2: `0x02 || initialization vector (12) || ciphertext (as long as the plaintext) || tag (16)`,
//! AES-256-GCM under the key itself, which has no second value to keep apart. Version 1, of values sealed before, is
//! that of `Material`.

use crate::material::{append_ciphertext, cipher, open_ciphertext};
use crate::{KeyRejected, Material, ModuleFailure, NotAuthentic, random};
use aws_lc_rs::aead::NONCE_LEN;
use base::Secret;

const FORMAT: u8 = 2;

/// A data key of 256 bits in custody: hidden in `Debug`, wiped on drop.
#[derive(Debug)]
pub struct DataKey(Material);

impl TryFrom<&[u8]> for DataKey {
    type Error = KeyRejected;

    fn try_from(bytes: &[u8]) -> Result<Self, KeyRejected> {
        let bytes = bytes.try_into().map_err(|_| KeyRejected)?;
        Ok(Self(Material::from_bytes(bytes)))
    }
}

impl DataKey {
    /// Seals the one value of this key together with `aad`, which is authenticated and not kept: `open` needs the same.
    ///
    /// # Errors
    /// Where the cryptographic module fails.
    pub fn seal(self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, ModuleFailure> {
        let vector: [u8; NONCE_LEN] = random::bytes();
        let mut sealed = vec![FORMAT];
        sealed.extend_from_slice(&vector);
        append_ciphertext(
            &cipher(self.0.expose())?,
            vector,
            aad,
            plaintext,
            &mut sealed,
        )?;
        Ok(sealed)
    }

    /// The plaintext that `seal` was given, if both `sealed` and `aad` are what they were.
    ///
    /// # Errors
    /// Where they are not.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Secret<Vec<u8>>, NotAuthentic> {
        let Some((&FORMAT, rest)) = sealed.split_first() else {
            return self.0.open(aad, sealed);
        };
        let (vector, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(NotAuthentic)?;
        open_ciphertext(&cipher(self.0.expose())?, *vector, aad, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> DataKey {
        DataKey::try_from([byte; 32].as_slice()).unwrap()
    }

    #[test]
    fn opens_what_it_sealed() {
        for length in [0usize, 1, 4097, 70_000] {
            let plaintext = vec![0xa5; length];
            let sealed = key(1).seal(b"aad", &plaintext).unwrap();
            assert_eq!(sealed.len(), 1 + NONCE_LEN + length + 16);
            assert_eq!(key(1).open(b"aad", &sealed).unwrap().expose(), &plaintext);
        }
    }

    #[test]
    fn refuses_another_key_another_context_and_every_changed_bit() {
        let sealed = key(1).seal(b"aad", b"plaintext").unwrap();
        assert_eq!(key(2).open(b"aad", &sealed), Err(NotAuthentic));
        assert_eq!(key(1).open(b"aad ", &sealed), Err(NotAuthentic));
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key(1).open(b"aad", &altered), Err(NotAuthentic), "{bit}");
        }
        for length in 0..sealed.len() {
            let cut = &sealed[..length];
            assert_eq!(key(1).open(b"aad", cut), Err(NotAuthentic), "{length}");
        }
    }

    /// Values sealed before a data key sealed them itself stay readable.
    #[test]
    fn opens_version_one() {
        let material = Material::from_bytes(&[7; 32]);
        let sealed = material.seal(b"aad", b"plaintext").unwrap();
        assert_eq!(key(7).open(b"aad", &sealed).unwrap().expose(), b"plaintext");
    }

    /// A ciphertext of version 2 stays readable for ever.
    #[test]
    fn golden() {
        let sealed = [
            2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 197, 150, 71, 37, 35, 7, 44, 123, 248, 85,
            180, 148, 107, 99, 249, 147, 104, 139, 135, 73, 145, 48, 255, 99, 92,
        ];
        assert_eq!(
            key(0x42).open(b"aad", &sealed).unwrap().expose(),
            b"plaintext"
        );
    }

    #[test]
    fn only_of_its_length() {
        for length in [0, 16, 31, 33] {
            assert!(DataKey::try_from(vec![1; length].as_slice()).is_err());
        }
    }
}
