//! What ties a wrapping key to the key it was handed out for. Nothing of it is kept here: the token holds it, sealed.

use base::{Region, Timestamp};
use crypto::{DomainKey, ImportWrapping, KeyPair, KeyPairSpec, Oaep, RsaSize, context};
use kms_api::shapes::{AlgorithmSpec, KeySpec, WrappingKeySpec};
use pipeline::Failure;

use crate::errors;
use crate::key::Key;

/// How long a wrapping key and its token are good for, in seconds.
/// Source: AWS KMS API Reference, GetParametersForImport.
const VALIDITY: i64 = 24 * 60 * 60;
const FORMAT: u8 = 1;
const LABEL: &[u8] = b"alcazar import token";
/// Key ids are the same in every region; so that material has one `KeyMaterialId` in all of them, one region's domain
/// key names it everywhere.
pub(crate) const FINGERPRINT_REGION: Region = Region::US_EAST_1;

/// How material is wrapped under which kind of key: what a caller of GetParametersForImport chooses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Wrapping {
    algorithm: Algorithm,
    size: RsaSize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Algorithm {
    OaepSha1,
    OaepSha256,
    AesKeyWrapSha1,
    AesKeyWrapSha256,
}

impl Wrapping {
    /// The choice, if material of `key` may be wrapped so.
    /// Source: AWS KMS Developer Guide, "Select a wrapping algorithm".
    pub(crate) fn choose(
        key: KeySpec,
        algorithm: AlgorithmSpec,
        spec: WrappingKeySpec,
    ) -> Result<Self, Failure> {
        let chosen = match algorithm {
            AlgorithmSpec::RsaesOaepSha1 => Algorithm::OaepSha1,
            AlgorithmSpec::RsaesOaepSha256 => Algorithm::OaepSha256,
            AlgorithmSpec::RsaAesKeyWrapSha1 => Algorithm::AesKeyWrapSha1,
            AlgorithmSpec::RsaAesKeyWrapSha256 => Algorithm::AesKeyWrapSha256,
            AlgorithmSpec::RsaesPkcs1V15 | AlgorithmSpec::Sm2Pke => {
                return Err(errors::unsupported(format!(
                    "Wrapping algorithm {algorithm} is not supported."
                )));
            }
        };
        let size = match spec {
            WrappingKeySpec::Rsa2048 => RsaSize::Bits2048,
            WrappingKeySpec::Rsa3072 => RsaSize::Bits3072,
            WrappingKeySpec::Rsa4096 => RsaSize::Bits4096,
            WrappingKeySpec::Sm2 => {
                return Err(errors::unsupported(format!(
                    "Wrapping key spec {spec} is not supported."
                )));
            }
        };
        let wrapping = Self {
            algorithm: chosen,
            size,
        };
        match wrapping.fits(key) {
            true => Ok(wrapping),
            false => Err(errors::unsupported(format!(
                "Wrapping algorithm {algorithm} with wrapping key spec {spec} is not supported for \
                 key spec {key}."
            ))),
        }
    }

    fn fits(self, key: KeySpec) -> bool {
        let direct = matches!(self.algorithm, Algorithm::OaepSha1 | Algorithm::OaepSha256);
        match key {
            KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => !direct,
            KeySpec::EccNistP521 => !direct || self.size != RsaSize::Bits2048,
            KeySpec::EccNistP256
            | KeySpec::EccNistP384
            | KeySpec::EccSecgP256K1
            | KeySpec::EccNistEdwards25519 => true,
            _ => direct,
        }
    }

    /// The kind of the wrapping key.
    pub(crate) fn key_spec(self) -> KeyPairSpec {
        KeyPairSpec::Rsa(self.size)
    }

    fn unwrapping(self) -> ImportWrapping {
        match self.algorithm {
            Algorithm::OaepSha1 => ImportWrapping::RsaesOaep(Oaep::Sha1),
            Algorithm::OaepSha256 => ImportWrapping::RsaesOaep(Oaep::Sha256),
            Algorithm::AesKeyWrapSha1 => ImportWrapping::RsaAesKeyWrap(Oaep::Sha1),
            Algorithm::AesKeyWrapSha256 => ImportWrapping::RsaAesKeyWrap(Oaep::Sha256),
        }
    }

    fn code(self) -> [u8; 2] {
        let algorithm = match self.algorithm {
            Algorithm::OaepSha1 => 1,
            Algorithm::OaepSha256 => 2,
            Algorithm::AesKeyWrapSha1 => 3,
            Algorithm::AesKeyWrapSha256 => 4,
        };
        let size = match self.size {
            RsaSize::Bits2048 => 1,
            RsaSize::Bits3072 => 2,
            RsaSize::Bits4096 => 3,
        };
        [algorithm, size]
    }

    fn of_code(code: [u8; 2]) -> Option<Self> {
        let [algorithm, size] = code;
        Some(Self {
            algorithm: match algorithm {
                1 => Algorithm::OaepSha1,
                2 => Algorithm::OaepSha256,
                3 => Algorithm::AesKeyWrapSha1,
                4 => Algorithm::AesKeyWrapSha256,
                _ => return None,
            },
            size: match size {
                1 => RsaSize::Bits2048,
                2 => RsaSize::Bits3072,
                3 => RsaSize::Bits4096,
                _ => return None,
            },
        })
    }
}

/// A wrapping key's private half, and for how long it is good.
#[derive(Debug)]
pub(crate) struct ImportToken {
    wrapping: Wrapping,
    /// `ParametersValidTo`
    pub(crate) valid_to: Timestamp,
    pair: KeyPair,
}

impl ImportToken {
    /// Of a new wrapping key, from `now` on.
    pub(crate) fn new(wrapping: Wrapping, pair: KeyPair, now: Timestamp) -> Self {
        Self {
            wrapping,
            // Callers see whole seconds; the token is not good for longer than they are told.
            valid_to: Timestamp::from_seconds(now.seconds() + VALIDITY),
            pair,
        }
    }

    /// The token of `key`, sealed by the domain key of its account and region. Form 1: `0x01 || wrapping algorithm ||
    /// wrapping key spec || microseconds since the epoch (64 bits, big-endian) || PKCS#8`.
    pub(crate) fn seal(&self, domain: &DomainKey, key: &Key) -> Result<Vec<u8>, Failure> {
        let private = self.pair.pkcs8().map_err(Failure::internal)?;
        let mut plain = base::Secret::new(Vec::with_capacity(11 + private.expose().len()));
        let to = plain.expose_mut();
        to.push(FORMAT);
        to.extend_from_slice(&self.wrapping.code());
        to.extend_from_slice(&self.valid_to.micros().to_be_bytes());
        to.extend_from_slice(private.expose());
        let sealed = domain.seal(&bound_to(key), plain.expose());
        sealed.map_err(Failure::internal)
    }

    /// The token that was sealed for `key`. Whatever else comes is invalid, for whatever reason.
    pub(crate) fn open(sealed: &[u8], domain: &DomainKey, key: &Key) -> Result<Self, Failure> {
        let plain = domain.open(&bound_to(key), sealed);
        let plain = plain.map_err(|_| errors::invalid_import_token())?;
        Self::read(plain.expose()).ok_or_else(errors::invalid_import_token)
    }

    fn read(plain: &[u8]) -> Option<Self> {
        let (&[format, algorithm, size], rest) = plain.split_first_chunk()?;
        let (valid_to, private) = rest.split_first_chunk()?;
        if format != FORMAT {
            return None;
        }
        let wrapping = Wrapping::of_code([algorithm, size])?;
        Some(Self {
            wrapping,
            valid_to: Timestamp::from_micros(i64::from_be_bytes(*valid_to)),
            pair: KeyPair::from_pkcs8(wrapping.key_spec(), private).ok()?,
        })
    }

    /// The material in `wrapped`, by the algorithm that the wrapping key was handed out for.
    pub(crate) fn unwrap(
        &self,
        wrapped: &[u8],
        now: Timestamp,
    ) -> Result<base::Secret<Vec<u8>>, Failure> {
        if now >= self.valid_to {
            return Err(errors::expired_import_token());
        }
        let unwrapped = self.wrapping.unwrapping().unwrap(&self.pair, wrapped);
        unwrapped.map_err(|_| errors::invalid_ciphertext())
    }
}

/// The key and when it was made: a replica that is made again is another key under the same name.
fn bound_to(key: &Key) -> Vec<u8> {
    let made = key.created.micros().to_be_bytes();
    context::bind(&[LABEL, key.arn.as_str().as_bytes(), &made])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::some_key;
    use base::AccountId;
    use crypto::KeyRing;

    const WRAPPING: Wrapping = Wrapping {
        algorithm: Algorithm::OaepSha256,
        size: RsaSize::Bits2048,
    };

    fn domain(ring: &KeyRing, account: u64) -> DomainKey {
        let account = AccountId::from_number(account);
        ring.domain(account, &Region::US_EAST_1).unwrap()
    }

    #[test]
    fn opens_for_its_key_and_domain_only() {
        let ring = KeyRing::ephemeral().unwrap();
        let pair = KeyPair::generate(WRAPPING.key_spec()).unwrap();
        let token = ImportToken::new(WRAPPING, pair, Timestamp::from_seconds(1));
        let sealed = token.seal(&domain(&ring, 1), &some_key()).unwrap();
        assert!(sealed.len() < 6144);
        let opened = ImportToken::open(&sealed, &domain(&ring, 1), &some_key()).unwrap();
        assert_eq!(opened.wrapping, WRAPPING);
        assert_eq!(opened.valid_to, Timestamp::from_seconds(86_401));
        let again = Key {
            created: Timestamp::from_seconds(2),
            ..some_key()
        };
        let elsewhere = Key {
            arn: Key::arn_of(some_key().account, &Region::US_EAST_1, "other"),
            ..some_key()
        };
        for (account, key) in [(2, &some_key()), (1, &again), (1, &elsewhere)] {
            assert!(ImportToken::open(&sealed, &domain(&ring, account), key).is_err());
        }
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(ImportToken::open(&altered, &domain(&ring, 1), &some_key()).is_err());
        }
    }

    #[test]
    fn what_is_no_token() {
        for plain in [
            &b""[..],
            b"\x01",
            b"\x01\x02\x01\0\0\0\0\0\0\0\0",
            b"\x02\x02\x01\0\0\0\0\0\0\0\0x",
            b"\x01\x05\x01\0\0\0\0\0\0\0\0x",
            b"\x01\x01\x04\0\0\0\0\0\0\0\0x",
        ] {
            assert!(ImportToken::read(plain).is_none());
        }
    }

    #[test]
    fn what_may_wrap_what() {
        let all = [
            AlgorithmSpec::RsaesOaepSha1,
            AlgorithmSpec::RsaesOaepSha256,
            AlgorithmSpec::RsaAesKeyWrapSha1,
            AlgorithmSpec::RsaAesKeyWrapSha256,
        ];
        for (key, small, large) in [
            (
                KeySpec::SymmetricDefault,
                [true, true, false, false],
                [true, true, false, false],
            ),
            (
                KeySpec::Hmac512,
                [true, true, false, false],
                [true, true, false, false],
            ),
            (
                KeySpec::Rsa2048,
                [false, false, true, true],
                [false, false, true, true],
            ),
            (KeySpec::EccNistP256, [true; 4], [true; 4]),
            (KeySpec::EccNistP521, [false, false, true, true], [true; 4]),
        ] {
            for (spec, expected) in [
                (WrappingKeySpec::Rsa2048, small),
                (WrappingKeySpec::Rsa3072, large),
                (WrappingKeySpec::Rsa4096, large),
            ] {
                let fit = all.map(|algorithm| Wrapping::choose(key, algorithm, spec).is_ok());
                assert_eq!(fit, expected, "{key} {spec}");
            }
        }
        for (algorithm, spec) in [
            (AlgorithmSpec::Sm2Pke, WrappingKeySpec::Rsa2048),
            (AlgorithmSpec::RsaesPkcs1V15, WrappingKeySpec::Rsa2048),
            (AlgorithmSpec::RsaesOaepSha256, WrappingKeySpec::Sm2),
        ] {
            assert!(Wrapping::choose(KeySpec::EccNistP256, algorithm, spec).is_err());
        }
    }

    #[test]
    fn every_choice_is_kept() {
        for algorithm in 1..=4 {
            for size in 1..=3 {
                let code = [algorithm, size];
                assert_eq!(Wrapping::of_code(code).unwrap().code(), code);
            }
        }
    }
}
