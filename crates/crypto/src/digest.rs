//! Digests, for names and checksums of what is not secret.

use crate::Hash;

/// The SHA-256 digest of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    sha256_of(&[bytes])
}

/// The SHA-256 digest of `parts` one after another.
pub fn sha256_of(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

/// The digest of `bytes` by this function.
pub fn of(hash: Hash, bytes: &[u8]) -> Vec<u8> {
    let digest = aws_lc_rs::digest::digest(hash.algorithm(), bytes);
    digest.as_ref().to_vec()
}

/// The SHA-1 digest of `bytes`: for names that AWS makes so, never for what must not be forged.
pub fn sha1(bytes: &[u8]) -> Vec<u8> {
    let algorithm = &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
    aws_lc_rs::digest::digest(algorithm, bytes)
        .as_ref()
        .to_vec()
}

/// The SHA-1 digest of `bytes`, in 40 hexadecimal digits: how AWS names a certificate (its thumbprint).
pub fn sha1_thumbprint(bytes: &[u8]) -> String {
    let digits = sha1(bytes).into_iter().map(|byte| format!("{byte:02x}"));
    digits.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4's example "abc".
    #[test]
    fn known_answer() {
        let expected = [
            0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae,
            0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61,
            0xf2, 0x00, 0x15, 0xad,
        ];
        assert_eq!(sha256(b"abc"), expected);
        assert_eq!(sha256_of(&[b"a", b"", b"bc"]), expected);
        let thumbprint = "a9993e364706816aba3e25717850c26c9cd0d89d";
        assert_eq!(sha1_thumbprint(b"abc"), thumbprint);
        assert_eq!(of(Hash::Sha256, b"abc"), expected);
        assert_eq!(sha1(b"abc")[..4], [0xa9, 0x99, 0x3e, 0x36]);
    }
}
