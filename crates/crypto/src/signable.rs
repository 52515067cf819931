//! What is signed: a message or its digest, checked against the algorithm and the kind of key before a key is used.

use crate::KeyPairSpec;
use aws_lc_rs::digest::{self, Digest};

/// A hash function of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    pub(crate) fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }

    /// Length of a digest in bytes.
    pub fn digest_bytes(self) -> usize {
        self.algorithm().output_len()
    }
}

/// `SigningAlgorithm` of KMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// RSASSA-PSS with MGF1 over the same hash and a salt as long as the digest (RFC 8017 section 8.1).
    RsassaPss(Hash),
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    RsassaPkcs1V15(Hash),
    /// ECDSA (FIPS 186-5), the signature in DER (RFC 3279 section 2.2.3).
    Ecdsa(Hash),
    /// Ed25519 over the message itself (RFC 8032).
    Ed25519Sha512,
    /// Ed25519ph with an empty context (RFC 8032). What it signs is a SHA-512 digest, which it hashes once more.
    /// AWS: "the input is hashed twice: once by you and once by KMS" (API Reference, Sign).
    Ed25519PhSha512,
    /// ML-DSA with an empty context (FIPS 204).
    MlDsaShake256,
}

/// What a caller wants signed: KMS's `Message` and `MessageType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// The message.
    Raw(&'a [u8]),
    /// Its digest under the algorithm's hash.
    Digest(&'a [u8]),
    /// The 64-byte representative μ of the message and the public key (FIPS 204 algorithm 7, line 6).
    ExternalMu(&'a [u8]),
}

/// Why a message cannot be signed or verified as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Keys of this kind know no such algorithm.
    #[error("the key does not support the signing algorithm")]
    Algorithm,
    /// The algorithm does not take messages in this form.
    #[error("the signing algorithm does not take this type of message")]
    MessageType,
    /// A digest or μ of another length than the algorithm's.
    #[error("the digest has the wrong length for the signing algorithm")]
    DigestLength,
}

/// Bytes of a SHA-512 digest, and of μ.
pub(crate) const LONG_DIGEST_BYTES: usize = 64;

/// A message that keys of one kind can sign under one algorithm: what is left to do is the primitive.
pub struct Signable<'a>(pub(crate) Form<'a>);

pub(crate) enum Form<'a> {
    RsassaPss(Hash, Digest),
    RsassaPkcs1V15(Hash, Digest),
    Ecdsa(Digest),
    Ed25519(&'a [u8]),
    Ed25519Ph([u8; LONG_DIGEST_BYTES]),
    MlDsa(&'a [u8]),
    MlDsaMu(&'a [u8; LONG_DIGEST_BYTES]),
}

impl<'a> Signable<'a> {
    /// Checks, in this order, that keys of `spec` know `algorithm`, that it takes messages in this form, and the length
    /// of a digest.
    pub fn new(
        spec: KeyPairSpec,
        algorithm: SigningAlgorithm,
        message: Message<'a>,
    ) -> Result<Self, Unfit> {
        if !spec.signing_algorithms().contains(&algorithm) {
            return Err(Unfit::Algorithm);
        }
        Ok(Self(match (algorithm, message) {
            (SigningAlgorithm::RsassaPss(hash), _) => {
                Form::RsassaPss(hash, digest_of(hash, message)?)
            }
            (SigningAlgorithm::RsassaPkcs1V15(hash), _) => {
                Form::RsassaPkcs1V15(hash, digest_of(hash, message)?)
            }
            (SigningAlgorithm::Ecdsa(hash), _) => Form::Ecdsa(digest_of(hash, message)?),
            (SigningAlgorithm::Ed25519Sha512, Message::Raw(message)) => Form::Ed25519(message),
            (SigningAlgorithm::Ed25519PhSha512, Message::Digest(digest)) => {
                Form::Ed25519Ph(sha512(long_digest(digest)?))
            }
            (SigningAlgorithm::MlDsaShake256, Message::Raw(message)) => Form::MlDsa(message),
            (SigningAlgorithm::MlDsaShake256, Message::ExternalMu(mu)) => {
                Form::MlDsaMu(long_digest(mu)?)
            }
            _ => return Err(Unfit::MessageType),
        }))
    }
}

fn digest_of(hash: Hash, message: Message<'_>) -> Result<Digest, Unfit> {
    match message {
        Message::Raw(message) => Ok(digest::digest(hash.algorithm(), message)),
        Message::Digest(digest) => {
            Digest::import_less_safe(digest, hash.algorithm()).map_err(|_| Unfit::DigestLength)
        }
        Message::ExternalMu(_) => Err(Unfit::MessageType),
    }
}

fn long_digest(digest: &[u8]) -> Result<&[u8; LONG_DIGEST_BYTES], Unfit> {
    digest.try_into().map_err(|_| Unfit::DigestLength)
}

fn sha512(message: &[u8]) -> [u8; LONG_DIGEST_BYTES] {
    let mut digest = [0; LONG_DIGEST_BYTES];
    digest.copy_from_slice(digest::digest(&digest::SHA512, message).as_ref());
    digest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_pair_spec::{MlDsaSet, NistCurve, RsaSize};

    const RSA: KeyPairSpec = KeyPairSpec::Rsa(RsaSize::Bits2048);
    const P384: KeyPairSpec = KeyPairSpec::Nist(NistCurve::P384);
    const ML_DSA: KeyPairSpec = KeyPairSpec::MlDsa(MlDsaSet::MlDsa65);

    fn fit(spec: KeyPairSpec, algorithm: SigningAlgorithm, message: Message<'_>) -> Option<Unfit> {
        Signable::new(spec, algorithm, message).err()
    }

    #[test]
    fn which_message_fits() {
        use SigningAlgorithm::*;
        let (raw, mu) = (Message::Raw(b"m"), Message::ExternalMu(&[0; 64]));
        let digest = |length: usize| Message::Digest(&[0; 65][..length]);
        let table = [
            (RSA, RsassaPss(Hash::Sha256), raw, None),
            (RSA, RsassaPss(Hash::Sha384), digest(48), None),
            (RSA, RsassaPkcs1V15(Hash::Sha512), digest(64), None),
            (
                RSA,
                RsassaPkcs1V15(Hash::Sha512),
                digest(63),
                Some(Unfit::DigestLength),
            ),
            (
                RSA,
                RsassaPkcs1V15(Hash::Sha512),
                mu,
                Some(Unfit::MessageType),
            ),
            (RSA, Ecdsa(Hash::Sha256), raw, Some(Unfit::Algorithm)),
            (P384, Ecdsa(Hash::Sha384), digest(48), None),
            (
                P384,
                Ecdsa(Hash::Sha384),
                digest(32),
                Some(Unfit::DigestLength),
            ),
            (
                P384,
                Ecdsa(Hash::Sha256),
                digest(32),
                Some(Unfit::Algorithm),
            ),
            (P384, Ecdsa(Hash::Sha384), mu, Some(Unfit::MessageType)),
            (KeyPairSpec::Secp256k1, Ecdsa(Hash::Sha256), raw, None),
            (KeyPairSpec::Ed25519, Ed25519Sha512, raw, None),
            (
                KeyPairSpec::Ed25519,
                Ed25519Sha512,
                digest(64),
                Some(Unfit::MessageType),
            ),
            (KeyPairSpec::Ed25519, Ed25519PhSha512, digest(64), None),
            (
                KeyPairSpec::Ed25519,
                Ed25519PhSha512,
                digest(65),
                Some(Unfit::DigestLength),
            ),
            (
                KeyPairSpec::Ed25519,
                Ed25519PhSha512,
                raw,
                Some(Unfit::MessageType),
            ),
            (ML_DSA, MlDsaShake256, raw, None),
            (ML_DSA, MlDsaShake256, mu, None),
            (
                ML_DSA,
                MlDsaShake256,
                Message::ExternalMu(&[0; 63]),
                Some(Unfit::DigestLength),
            ),
            (ML_DSA, MlDsaShake256, digest(64), Some(Unfit::MessageType)),
        ];
        for (spec, algorithm, message, expected) in table {
            assert_eq!(
                fit(spec, algorithm, message),
                expected,
                "{spec:?} {algorithm:?} {message:?}"
            );
        }
    }
}
