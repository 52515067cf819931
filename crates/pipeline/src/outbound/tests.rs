//! Keys over time.

use super::*;

use serde_json::json;

fn at(days: i64) -> Timestamp {
    Timestamp::from_seconds(days * DAY)
}

fn key(id: &str, algorithm: IssuingAlgorithm, days: i64) -> TokenKey {
    TokenKey {
        id: id.into(),
        algorithm,
        made: at(days),
        public: json!({"kid": id}),
        private: vec![1],
    }
}

fn federation(keys: Vec<TokenKey>) -> OutboundFederation {
    OutboundFederation {
        account: AccountId::from_number(1),
        issuer: "i".into(),
        enabled: true,
        keys,
    }
}

#[test]
fn a_key_is_published_before_it_signs_and_after() {
    let es = IssuingAlgorithm::Es384;
    let first = federation(vec![key("a", es, 0), key("r", IssuingAlgorithm::Rs256, 0)]);
    let signing = |of: &OutboundFederation, days| of.signing(es, at(days)).unwrap().id.clone();
    // Nobody has seen the first one either: there is no other.
    assert_eq!(signing(&first, 0), "a");
    assert!(!first.lacks_one(es, at(29)));
    assert!(first.lacks_one(es, at(30)));
    let mut both = first.clone();
    both.keys.push(key("b", es, 30));
    assert_eq!(signing(&both, 30), "a");
    assert_eq!(signing(&both, 31), "b");
    assert!(!both.lacks_one(es, at(31)));
    both.forget_old(at(31));
    assert_eq!(both.keys.len(), 3);
    both.forget_old(at(32));
    let left: Vec<&str> = both.keys.iter().map(|key| key.id.as_str()).collect();
    assert_eq!(left, ["r", "b"]);
    assert_eq!(
        first.signing(IssuingAlgorithm::Rs256, at(99)).unwrap().id,
        "r"
    );
}

#[test]
fn golden_bytes() {
    let federation = federation(vec![key("a", IssuingAlgorithm::Rs256, 1)]);
    let stored = b"\x01{\"account\":\"000000000001\",\"issuer\":\"i\",\"enabled\":true,\"keys\":[{\"id\":\"a\",\"algorithm\":\"RS256\",\"made\":86400000000,\"public\":{\"kid\":\"a\"},\"private\":[1]}]}";
    assert_eq!(federation.store(), stored);
    assert_eq!(OutboundFederation::load(stored).unwrap(), federation);
    let stored = b"\x01{\"issuer\":\"i\",\"account\":\"000000000001\"}";
    assert_eq!(federation.index().store(), stored);
    assert_eq!(OutboundIssuer::load(stored).unwrap(), federation.index());
    assert!(OutboundFederation::load(b"\x02{}").is_err());
    assert!(OutboundIssuer::load(b"\x01{").is_err());
}
