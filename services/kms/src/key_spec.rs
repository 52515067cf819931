//! What kinds of keys there are, what each may be for, and the algorithms it knows.
//!
//! AWS document: AWS KMS Developer Guide, "Key spec reference".

use crypto::{KeyPairSpec, MacAlgorithm, MlDsaSet, MlKemSet, NistCurve, RsaSize};
use kms_api::shapes::{
    EncapsulationAlgorithmSpec, EncryptionAlgorithmSpec, KeyAgreementAlgorithmSpec, KeySpec,
    KeyUsageType, MacAlgorithmSpec, SigningAlgorithmSpec,
};
use pipeline::Failure;
use wire::ClosedSet;

use crate::key::Key;
use crate::{errors, signing};

/// What the material of a key is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// 256 bits for AES-256-GCM.
    Symmetric,
    /// Bytes for HMAC.
    Mac(MacAlgorithm),
    /// A private key with its public key.
    Pair(KeyPairSpec),
}

/// The kind of keys of this spec. Those of China's regions do not exist elsewhere.
pub(crate) fn kind(spec: KeySpec) -> Result<Kind, Failure> {
    Ok(match spec {
        KeySpec::SymmetricDefault => Kind::Symmetric,
        KeySpec::Hmac224 => Kind::Mac(MacAlgorithm::HmacSha224),
        KeySpec::Hmac256 => Kind::Mac(MacAlgorithm::HmacSha256),
        KeySpec::Hmac384 => Kind::Mac(MacAlgorithm::HmacSha384),
        KeySpec::Hmac512 => Kind::Mac(MacAlgorithm::HmacSha512),
        KeySpec::Rsa2048 => Kind::Pair(KeyPairSpec::Rsa(RsaSize::Bits2048)),
        KeySpec::Rsa3072 => Kind::Pair(KeyPairSpec::Rsa(RsaSize::Bits3072)),
        KeySpec::Rsa4096 => Kind::Pair(KeyPairSpec::Rsa(RsaSize::Bits4096)),
        KeySpec::EccNistP256 => Kind::Pair(KeyPairSpec::Nist(NistCurve::P256)),
        KeySpec::EccNistP384 => Kind::Pair(KeyPairSpec::Nist(NistCurve::P384)),
        KeySpec::EccNistP521 => Kind::Pair(KeyPairSpec::Nist(NistCurve::P521)),
        KeySpec::EccSecgP256K1 => Kind::Pair(KeyPairSpec::Secp256k1),
        KeySpec::EccNistEdwards25519 => Kind::Pair(KeyPairSpec::Ed25519),
        KeySpec::MlDsa44 => Kind::Pair(KeyPairSpec::MlDsa(MlDsaSet::MlDsa44)),
        KeySpec::MlDsa65 => Kind::Pair(KeyPairSpec::MlDsa(MlDsaSet::MlDsa65)),
        KeySpec::MlDsa87 => Kind::Pair(KeyPairSpec::MlDsa(MlDsaSet::MlDsa87)),
        KeySpec::MlKem512 => Kind::Pair(KeyPairSpec::MlKem(MlKemSet::MlKem512)),
        KeySpec::MlKem768 => Kind::Pair(KeyPairSpec::MlKem(MlKemSet::MlKem768)),
        KeySpec::MlKem1024 => Kind::Pair(KeyPairSpec::MlKem(MlKemSet::MlKem1024)),
        KeySpec::Sm2 => return Err(errors::key_spec_of_china(spec)),
    })
}

/// What keys of this spec may be for. AWS document: AWS KMS API Reference, CreateKey.
pub(crate) fn usages(spec: KeySpec) -> &'static [KeyUsageType] {
    use KeyUsageType::*;
    match spec {
        KeySpec::SymmetricDefault => &[EncryptDecrypt],
        KeySpec::Hmac224 | KeySpec::Hmac256 | KeySpec::Hmac384 | KeySpec::Hmac512 => {
            &[GenerateVerifyMac]
        }
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => &[EncryptDecrypt, SignVerify],
        KeySpec::EccNistP256 | KeySpec::EccNistP384 | KeySpec::EccNistP521 => {
            &[SignVerify, KeyAgreement]
        }
        KeySpec::EccSecgP256K1 | KeySpec::EccNistEdwards25519 => &[SignVerify],
        KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87 => &[SignVerify],
        KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => &[EncapsulateDecapsulate],
        KeySpec::Sm2 => &[EncryptDecrypt, SignVerify, KeyAgreement],
    }
}

/// `EncryptionAlgorithms` of `key`, if it is for encryption.
pub(crate) fn encryption_algorithms(key: &Key) -> Option<Vec<EncryptionAlgorithmSpec>> {
    (key.usage == KeyUsageType::EncryptDecrypt).then(|| match key.spec {
        KeySpec::SymmetricDefault => vec![EncryptionAlgorithmSpec::SymmetricDefault],
        _ => vec![
            EncryptionAlgorithmSpec::RsaesOaepSha1,
            EncryptionAlgorithmSpec::RsaesOaepSha256,
        ],
    })
}

/// `SigningAlgorithms` of `key`, if it is for signing.
pub(crate) fn signing_algorithms(key: &Key) -> Option<Vec<SigningAlgorithmSpec>> {
    let (KeyUsageType::SignVerify, Ok(Kind::Pair(pair))) = (key.usage, kind(key.spec)) else {
        return None;
    };
    let name = |known| {
        let all = SigningAlgorithmSpec::ALL.iter().copied();
        all.filter(move |named| signing::algorithm(*named) == Some(known))
    };
    let known = pair.signing_algorithms().iter().copied();
    Some(known.flat_map(name).collect())
}

/// `MacAlgorithms` of `key`, if it is for message authentication codes.
pub(crate) fn mac_algorithms(key: &Key) -> Option<Vec<MacAlgorithmSpec>> {
    match kind(key.spec) {
        Ok(Kind::Mac(known)) => Some(vec![mac_algorithm_spec(known)]),
        _ => None,
    }
}

/// `MacAlgorithm` as KMS spells it.
pub(crate) fn mac_algorithm_spec(known: MacAlgorithm) -> MacAlgorithmSpec {
    match known {
        MacAlgorithm::HmacSha224 => MacAlgorithmSpec::HmacSha224,
        MacAlgorithm::HmacSha256 => MacAlgorithmSpec::HmacSha256,
        MacAlgorithm::HmacSha384 => MacAlgorithmSpec::HmacSha384,
        MacAlgorithm::HmacSha512 => MacAlgorithmSpec::HmacSha512,
    }
}

/// `KeyAgreementAlgorithms` of `key`, if it is for key agreement.
pub(crate) fn key_agreement_algorithms(key: &Key) -> Option<Vec<KeyAgreementAlgorithmSpec>> {
    (key.usage == KeyUsageType::KeyAgreement).then(|| vec![KeyAgreementAlgorithmSpec::Ecdh])
}

/// `EncapsulationAlgorithms` of `key`, if it is for encapsulation.
pub(crate) fn encapsulation_algorithms(key: &Key) -> Option<Vec<EncapsulationAlgorithmSpec>> {
    (key.usage == KeyUsageType::EncapsulateDecapsulate)
        .then(|| vec![EncapsulationAlgorithmSpec::MlKem])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::some_key;

    /// Each spec, what it may be for, and the algorithms it then has.
    const TABLE: &[(&str, &str, &str)] = &[
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"),
        ("HMAC_224", "GENERATE_VERIFY_MAC", "HMAC_SHA_224"),
        ("HMAC_256", "GENERATE_VERIFY_MAC", "HMAC_SHA_256"),
        ("HMAC_384", "GENERATE_VERIFY_MAC", "HMAC_SHA_384"),
        ("HMAC_512", "GENERATE_VERIFY_MAC", "HMAC_SHA_512"),
        ("RSA_2048", "ENCRYPT_DECRYPT", OAEP),
        ("RSA_2048", "SIGN_VERIFY", RSASSA),
        ("RSA_3072", "ENCRYPT_DECRYPT", OAEP),
        ("RSA_3072", "SIGN_VERIFY", RSASSA),
        ("RSA_4096", "ENCRYPT_DECRYPT", OAEP),
        ("RSA_4096", "SIGN_VERIFY", RSASSA),
        ("ECC_NIST_P256", "SIGN_VERIFY", "ECDSA_SHA_256"),
        ("ECC_NIST_P256", "KEY_AGREEMENT", "ECDH"),
        ("ECC_NIST_P384", "SIGN_VERIFY", "ECDSA_SHA_384"),
        ("ECC_NIST_P384", "KEY_AGREEMENT", "ECDH"),
        ("ECC_NIST_P521", "SIGN_VERIFY", "ECDSA_SHA_512"),
        ("ECC_NIST_P521", "KEY_AGREEMENT", "ECDH"),
        ("ECC_SECG_P256K1", "SIGN_VERIFY", "ECDSA_SHA_256"),
        (
            "ECC_NIST_EDWARDS25519",
            "SIGN_VERIFY",
            "ED25519_SHA_512 ED25519_PH_SHA_512",
        ),
        ("ML_DSA_44", "SIGN_VERIFY", "ML_DSA_SHAKE_256"),
        ("ML_DSA_65", "SIGN_VERIFY", "ML_DSA_SHAKE_256"),
        ("ML_DSA_87", "SIGN_VERIFY", "ML_DSA_SHAKE_256"),
        ("ML_KEM_512", "ENCAPSULATE_DECAPSULATE", "ML_KEM"),
        ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE", "ML_KEM"),
        ("ML_KEM_1024", "ENCAPSULATE_DECAPSULATE", "ML_KEM"),
    ];
    const OAEP: &str = "RSAES_OAEP_SHA_1 RSAES_OAEP_SHA_256";
    const RSASSA: &str = "RSASSA_PKCS1_V1_5_SHA_256 RSASSA_PKCS1_V1_5_SHA_384 \
                          RSASSA_PKCS1_V1_5_SHA_512 RSASSA_PSS_SHA_256 RSASSA_PSS_SHA_384 \
                          RSASSA_PSS_SHA_512";

    fn algorithms(key: &Key) -> String {
        fn names<E: ClosedSet>(algorithms: Option<Vec<E>>) -> Vec<&'static str> {
            algorithms
                .into_iter()
                .flatten()
                .map(|algorithm| algorithm.as_str())
                .collect()
        }
        let all = [
            names(encryption_algorithms(key)),
            names(signing_algorithms(key)),
            names(mac_algorithms(key)),
            names(key_agreement_algorithms(key)),
            names(encapsulation_algorithms(key)),
        ];
        all.concat().join(" ")
    }

    #[test]
    fn every_spec_has_its_usages_and_algorithms() {
        let mut seen = Vec::new();
        for spec in KeySpec::ALL
            .iter()
            .copied()
            .filter(|spec| *spec != KeySpec::Sm2)
        {
            for usage in usages(spec) {
                let key = Key {
                    spec,
                    usage: *usage,
                    ..some_key()
                };
                seen.push((spec.as_str(), usage.as_str(), algorithms(&key)));
            }
        }
        seen.sort();
        let mut expected: Vec<_> = TABLE
            .iter()
            .map(|(spec, usage, algorithms)| (*spec, *usage, algorithms.to_string()))
            .collect();
        expected.sort();
        assert_eq!(seen, expected);
    }
}
