//! The kinds of key pairs, and the one DER form that a public key of each kind has.

use crate::{Hash, KeyRejected, SigningAlgorithm, der};

/// The size of an RSA modulus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RsaSize {
    /// 2048 bits.
    Bits2048,
    /// 3072 bits.
    Bits3072,
    /// 4096 bits.
    Bits4096,
}

impl RsaSize {
    /// Length of the modulus in bytes; ciphertexts and signatures have it too.
    pub fn bytes(self) -> usize {
        match self {
            Self::Bits2048 => 256,
            Self::Bits3072 => 384,
            Self::Bits4096 => 512,
        }
    }
}

/// A curve of NIST SP 800-186.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NistCurve {
    /// P-256.
    P256,
    /// P-384.
    P384,
    /// P-521.
    P521,
}

/// A parameter set of FIPS 204.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MlDsaSet {
    /// ML-DSA-44.
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
}

/// A parameter set of FIPS 203.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MlKemSet {
    /// ML-KEM-512.
    MlKem512,
    /// ML-KEM-768.
    MlKem768,
    /// ML-KEM-1024.
    MlKem1024,
}

/// What a key pair is made of: an asymmetric `KeySpec` of KMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPairSpec {
    /// `RSA_*`, with the public exponent 65537.
    Rsa(RsaSize),
    /// `ECC_NIST_P*`.
    Nist(NistCurve),
    /// `ECC_SECG_P256K1`.
    Secp256k1,
    /// `ECC_NIST_EDWARDS25519`.
    Ed25519,
    /// `ML_DSA_*`.
    MlDsa(MlDsaSet),
    /// `ML_KEM_*`.
    MlKem(MlKemSet),
}

/// What an uncompressed point begins with (SEC 1, section 2.3.3).
const UNCOMPRESSED: u8 = 4;
/// The exponent 65537 as it ends the DER of an RSA public key.
const EXPONENT_65537: &[u8] = &[2, 3, 1, 0, 1];

impl KeyPairSpec {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Rsa(RsaSize::Bits2048),
        Self::Rsa(RsaSize::Bits3072),
        Self::Rsa(RsaSize::Bits4096),
        Self::Nist(NistCurve::P256),
        Self::Nist(NistCurve::P384),
        Self::Nist(NistCurve::P521),
        Self::Secp256k1,
        Self::Ed25519,
        Self::MlDsa(MlDsaSet::MlDsa44),
        Self::MlDsa(MlDsaSet::MlDsa65),
        Self::MlDsa(MlDsaSet::MlDsa87),
        Self::MlKem(MlKemSet::MlKem512),
        Self::MlKem(MlKemSet::MlKem768),
        Self::MlKem(MlKemSet::MlKem1024),
    ];

    /// The algorithms that keys of this kind sign with.
    /// Source: AWS KMS Developer Guide, "Key spec reference".
    pub fn signing_algorithms(self) -> &'static [SigningAlgorithm] {
        use SigningAlgorithm::*;
        match self {
            Self::Rsa(_) => &[
                RsassaPkcs1V15(Hash::Sha256),
                RsassaPkcs1V15(Hash::Sha384),
                RsassaPkcs1V15(Hash::Sha512),
                RsassaPss(Hash::Sha256),
                RsassaPss(Hash::Sha384),
                RsassaPss(Hash::Sha512),
            ],
            Self::Nist(NistCurve::P256) | Self::Secp256k1 => &[Ecdsa(Hash::Sha256)],
            Self::Nist(NistCurve::P384) => &[Ecdsa(Hash::Sha384)],
            Self::Nist(NistCurve::P521) => &[Ecdsa(Hash::Sha512)],
            Self::Ed25519 => &[Ed25519Sha512, Ed25519PhSha512],
            Self::MlDsa(_) => &[MlDsaShake256],
            Self::MlKem(_) => &[],
        }
    }

    /// The DER of a `SubjectPublicKeyInfo` (RFC 5280 section 4.1) around the key's own bytes: an `RSAPublicKey`, an
    /// uncompressed point, or the raw key.
    pub(crate) fn wrap_public_key(self, key: &[u8]) -> Vec<u8> {
        let identifier = self.algorithm_identifier();
        let bits = der::header(der::BIT_STRING, 1 + key.len());
        let content = identifier.len() + bits.len() + 1 + key.len();
        let outer = der::header(der::SEQUENCE, content);
        [&outer, identifier, &bits, &[0], key].concat()
    }

    /// The key's own bytes in `der`, which must be the one form that a key of this kind has: as long as its modulus, curve
    /// or parameter set asks for, and with the exponent 65537.
    pub(crate) fn unwrap_public_key(self, der: &[u8]) -> Result<&[u8], KeyRejected> {
        let start = der.len().checked_sub(self.public_key_bytes());
        let key = start
            .and_then(|start| der.get(start..))
            .ok_or(KeyRejected)?;
        let complete = match self {
            Self::Rsa(size) => is_rsa_public_key(size, key),
            Self::Nist(_) | Self::Secp256k1 => key.first() == Some(&UNCOMPRESSED),
            Self::Ed25519 | Self::MlDsa(_) | Self::MlKem(_) => true,
        };
        if complete && self.wrap_public_key(key) == der {
            Ok(key)
        } else {
            Err(KeyRejected)
        }
    }

    fn public_key_bytes(self) -> usize {
        match self {
            Self::Rsa(size) => rsa_header(size).len() + size.bytes() + EXPONENT_65537.len(),
            Self::Nist(NistCurve::P256) | Self::Secp256k1 => 65,
            Self::Nist(NistCurve::P384) => 97,
            Self::Nist(NistCurve::P521) => 133,
            Self::Ed25519 => 32,
            Self::MlDsa(MlDsaSet::MlDsa44) => 1312,
            Self::MlDsa(MlDsaSet::MlDsa65) => 1952,
            Self::MlDsa(MlDsaSet::MlDsa87) => 2592,
            Self::MlKem(MlKemSet::MlKem512) => 800,
            Self::MlKem(MlKemSet::MlKem768) => 1184,
            Self::MlKem(MlKemSet::MlKem1024) => 1568,
        }
    }

    /// The DER of the `AlgorithmIdentifier`. Sources: RFC 3279 (RSA), RFC 5480 (curves), RFC 8410 (Ed25519), RFC 9881
    /// (ML-DSA), RFC 9935 (ML-KEM).
    pub(crate) fn algorithm_identifier(self) -> &'static [u8] {
        match self {
            Self::Rsa(_) => b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00",
            Self::Nist(NistCurve::P256) => {
                b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
            }
            Self::Nist(NistCurve::P384) => {
                b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22"
            }
            Self::Nist(NistCurve::P521) => {
                b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23"
            }
            Self::Secp256k1 => {
                b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x0a"
            }
            Self::Ed25519 => b"\x30\x05\x06\x03\x2b\x65\x70",
            Self::MlDsa(MlDsaSet::MlDsa44) => b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x11",
            Self::MlDsa(MlDsaSet::MlDsa65) => b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x12",
            Self::MlDsa(MlDsaSet::MlDsa87) => b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x13",
            Self::MlKem(MlKemSet::MlKem512) => b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x01",
            Self::MlKem(MlKemSet::MlKem768) => b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x02",
            Self::MlKem(MlKemSet::MlKem1024) => b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x03",
        }
    }
}

/// An `RSAPublicKey` (RFC 8017 section A.1.1) up to the modulus, whose highest bit is set, so that a zero byte precedes it.
fn rsa_header(size: RsaSize) -> Vec<u8> {
    let modulus = der::header(der::INTEGER, 1 + size.bytes());
    let content = modulus.len() + 1 + size.bytes() + EXPONENT_65537.len();
    [&der::header(der::SEQUENCE, content)[..], &modulus, &[0]].concat()
}

fn is_rsa_public_key(size: RsaSize, key: &[u8]) -> bool {
    let modulus = key.strip_prefix(&rsa_header(size)[..]);
    let top_bit = modulus
        .and_then(<[u8]>::first)
        .is_some_and(|byte| byte & 0x80 != 0);
    top_bit && key.ends_with(EXPONENT_65537)
}
