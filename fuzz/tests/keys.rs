//! Encoded keys, wrapped material, ciphertexts and signatures: whatever comes, it is refused or understood.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bolero::check;
use crypto::{
    ImportWrapping, KeyPair, KeyPairSpec, Message, MlKemSet, NistCurve, Oaep, PublicKey, RsaSize,
    Signable,
};
use std::sync::LazyLock;

fn generate(spec: KeyPairSpec) -> KeyPair {
    KeyPair::generate(spec).unwrap()
}

static RSA: LazyLock<KeyPair> = LazyLock::new(|| generate(KeyPairSpec::Rsa(RsaSize::Bits2048)));
static P256: LazyLock<KeyPair> = LazyLock::new(|| generate(KeyPairSpec::Nist(NistCurve::P256)));
static ML_KEM: LazyLock<KeyPair> =
    LazyLock::new(|| generate(KeyPairSpec::MlKem(MlKemSet::MlKem512)));

/// One short key of each kind, so that inputs can be good ones with a few bytes exchanged.
static SEEDS: LazyLock<Vec<KeyPair>> = LazyLock::new(|| {
    let short = |spec: &KeyPairSpec| !matches!(spec, KeyPairSpec::Rsa(_));
    KeyPairSpec::ALL
        .into_iter()
        .filter(short)
        .map(generate)
        .collect()
});

/// `good` with `bytes` written over it from `at`.
fn altered(good: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut altered = good.to_vec();
    for (target, byte) in altered.iter_mut().skip(at % (good.len() + 1)).zip(bytes) {
        *target = *byte;
    }
    altered
}

#[test]
fn private_keys() {
    check!().for_each(|bytes| {
        for spec in KeyPairSpec::ALL {
            let _ = KeyPair::from_pkcs8(spec, bytes);
        }
    });
}

#[test]
fn altered_private_keys() {
    check!()
        .with_type::<(usize, Vec<u8>)>()
        .for_each(|(at, bytes)| {
            for seed in SEEDS.iter() {
                let der = altered(seed.pkcs8().unwrap().expose(), *at, bytes);
                if let Ok(key) = KeyPair::from_pkcs8(seed.spec(), &der) {
                    let stored = key.pkcs8().unwrap();
                    let again = KeyPair::from_pkcs8(key.spec(), stored.expose()).unwrap();
                    assert_eq!(again.public_key().der(), key.public_key().der());
                }
            }
        });
}

#[test]
fn public_keys() {
    check!()
        .with_type::<(usize, Vec<u8>)>()
        .for_each(|(at, bytes)| {
            for spec in KeyPairSpec::ALL {
                let _ = PublicKey::from_der(spec, bytes);
            }
            for seed in SEEDS.iter() {
                let der = altered(seed.public_key().der(), *at, bytes);
                if let Ok(key) = PublicKey::from_der(seed.spec(), &der) {
                    assert_eq!(key.der(), der);
                    let _ = key.encapsulate();
                }
            }
        });
}

#[test]
fn peers_and_ciphertexts() {
    check!()
        .with_type::<(usize, Vec<u8>)>()
        .for_each(|(at, bytes)| {
            let _ = P256.agree(bytes);
            let _ = P256.agree(&altered(P256.public_key().der(), *at, bytes));
            let _ = ML_KEM.decapsulate(bytes);
            for oaep in [Oaep::Sha1, Oaep::Sha256] {
                assert!(RSA.decrypt(oaep, bytes).is_err());
                for wrapping in [
                    ImportWrapping::RsaesOaep(oaep),
                    ImportWrapping::RsaAesKeyWrap(oaep),
                ] {
                    assert!(wrapping.unwrap(&RSA, bytes).is_err());
                }
                let mut wrapped = RSA.public_key().encrypt(oaep, &[7; 32]).unwrap();
                wrapped.extend(bytes);
                assert!(
                    ImportWrapping::RsaAesKeyWrap(oaep)
                        .unwrap(&RSA, &wrapped)
                        .is_err()
                );
            }
        });
}

#[test]
fn signatures() {
    check!()
        .with_type::<(Vec<u8>, Vec<u8>)>()
        .for_each(|(message, signature)| {
            for key in SEEDS.iter().chain([&*RSA]) {
                for algorithm in key.spec().signing_algorithms() {
                    for form in [
                        Message::Raw(message),
                        Message::Digest(message),
                        Message::ExternalMu(message),
                    ] {
                        if let Ok(signable) = Signable::new(key.spec(), *algorithm, form) {
                            assert!(key.public_key().verify(&signable, signature).is_err());
                        }
                    }
                }
            }
        });
}
