//! Tokens and keys as issuers and attackers write them.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair,
};
use serde_json::json;

use super::*;

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn unsigned(header: &Value) -> String {
    let claims = json!({"iss": "https://id.example.com", "sub": "ann"});
    let part = |json: &Value| encoded(json.to_string().as_bytes());
    format!("{}.{}", part(header), part(&claims))
}

fn rsa_signed(pair: &RsaKeyPair, header: &Value, with: &'static dyn RsaEncoding) -> String {
    let text = unsigned(header);
    let mut signature = vec![0; pair.public_modulus_len()];
    let random = SystemRandom::new();
    pair.sign(with, &random, text.as_bytes(), &mut signature)
        .unwrap();
    format!("{text}.{}", encoded(&signature))
}

fn rsa_key(pair: &RsaKeyPair) -> Value {
    let public: PublicKeyComponents<Vec<u8>> = pair.public_key().into();
    json!({"kty": "RSA", "kid": "one", "use": "sig", "n": encoded(&public.n), "e": encoded(&public.e)})
}

fn elliptic(curve: &str, with: &'static EcdsaSigningAlgorithm) -> (EcdsaKeyPair, Value) {
    let pair = EcdsaKeyPair::generate(with).unwrap();
    let point = pair.public_key().as_ref()[1..].to_vec();
    let (x, y) = point.split_at(point.len() / 2);
    let key = json!({"kty": "EC", "crv": curve, "kid": "one", "x": encoded(x), "y": encoded(y)});
    (pair, key)
}

fn elliptic_signed(pair: &EcdsaKeyPair, header: &Value) -> String {
    let text = unsigned(header);
    let signature = pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
    format!("{text}.{}", encoded(signature.as_ref()))
}

fn set(keys: &[Value]) -> KeySet {
    KeySet::parse(json!({"keys": keys}).to_string().as_bytes()).unwrap()
}

fn verified(token: &str, keys: &[Value]) -> Result<String, UnverifiedToken> {
    let token = WebToken::parse(token).unwrap();
    let claims = token.verified(&set(keys))?;
    Ok(claims["sub"].as_str().unwrap().to_owned())
}

#[test]
fn every_algorithm_verifies_with_its_own_key_alone() {
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let other = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let algorithms: [(&str, &'static dyn RsaEncoding); 3] = [
        ("RS256", &RSA_PKCS1_SHA256),
        ("RS384", &RSA_PKCS1_SHA384),
        ("RS512", &RSA_PKCS1_SHA512),
    ];
    for (name, with) in algorithms {
        let token = rsa_signed(&rsa, &json!({"alg": name, "kid": "one"}), with);
        assert_eq!(verified(&token, &[rsa_key(&rsa)]).unwrap(), "ann");
        assert_eq!(
            verified(&token, &[rsa_key(&other)]),
            Err(UnverifiedToken::WrongSignature)
        );
        let mut bound = rsa_key(&rsa);
        bound["alg"] = json!("RS256");
        assert_eq!(verified(&token, &[bound]).is_ok(), name == "RS256");
    }
    for (name, curve, with) in [
        ("ES256", "P-256", &ECDSA_P256_SHA256_FIXED_SIGNING),
        ("ES384", "P-384", &ECDSA_P384_SHA384_FIXED_SIGNING),
        ("ES512", "P-521", &ECDSA_P521_SHA512_FIXED_SIGNING),
    ] {
        let (pair, key) = elliptic(curve, with);
        let (_, other) = elliptic(curve, with);
        let token = elliptic_signed(&pair, &json!({"alg": name, "kid": "one"}));
        assert_eq!(verified(&token, &[key]).unwrap(), "ann");
        assert_eq!(
            verified(&token, &[other]),
            Err(UnverifiedToken::WrongSignature)
        );
        let mixed = elliptic_signed(&pair, &json!({"alg": "RS256", "kid": "one"}));
        assert_eq!(
            verified(&mixed, &[rsa_key(&rsa)]),
            Err(UnverifiedToken::WrongSignature)
        );
    }
}

#[test]
fn the_key_is_the_one_that_the_token_names() {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let token = |header: Value| rsa_signed(&pair, &header, &RSA_PKCS1_SHA256);
    let (named, other) = (
        token(json!({"alg": "RS256", "kid": "one"})),
        token(json!({"alg": "RS256", "kid": "two"})),
    );
    let nameless = token(json!({"alg": "RS256"}));
    let key = rsa_key(&pair);
    let mut second = key.clone();
    second["kid"] = json!("three");
    let unknown = Err(UnverifiedToken::UnknownKey);
    assert!(verified(&named, &[second.clone(), key.clone()]).is_ok());
    assert_eq!(verified(&other, std::slice::from_ref(&key)), unknown);
    assert!(verified(&nameless, std::slice::from_ref(&key)).is_ok());
    assert_eq!(verified(&nameless, &[key.clone(), second]), unknown);
    for (name, value) in [
        ("use", json!("enc")),
        ("key_ops", json!(["sign"])),
        ("alg", json!("HS256")),
        ("kty", json!("oct")),
        ("n", json!("AA")),
        ("e", json!("/+")),
    ] {
        let mut key = key.clone();
        key[name] = value;
        assert_eq!(verified(&named, &[key]), unknown, "{name}");
    }
}

#[test]
fn what_is_changed_does_not_verify() {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let key = rsa_key(&pair);
    let token = rsa_signed(
        &pair,
        &json!({"alg": "RS256", "kid": "one"}),
        &RSA_PKCS1_SHA256,
    );
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let header = signed.split_once('.').unwrap().0;
    let claims = encoded(br#"{"iss":"https://id.example.com","sub":"root"}"#);
    for changed in [
        format!("{header}.{claims}.{signature}"),
        format!("{signed}."),
        format!("{signed}.{}", encoded(&[0; 256])),
    ] {
        let found = verified(&changed, std::slice::from_ref(&key));
        assert_eq!(found, Err(UnverifiedToken::WrongSignature));
    }
}

#[test]
fn what_is_no_token_of_a_known_algorithm() {
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "None"}),
        json!({"alg": "HS256"}),
        json!({"alg": "PS256"}),
        json!({"alg": "EdDSA"}),
        json!({"alg": 1}),
        json!({}),
        json!([]),
        json!({"alg": "RS256", "kid": 1}),
        json!({"alg": "RS256", "crit": ["b64"], "b64": false}),
    ] {
        let token = format!("{}.{}", unsigned(&header), encoded(b"signature"));
        assert!(WebToken::parse(&token).is_err(), "{header}");
    }
    let good = unsigned(&json!({"alg": "RS256"}));
    assert!(WebToken::parse(&format!("{good}.AA")).is_ok());
    for text in [
        "".to_owned(),
        "..".to_owned(),
        good.clone(),
        format!("{good}.A=="),
        format!("{good}.AA.AA"),
        format!("{good}.{}", "A".repeat(LONGEST_WEB_TOKEN)),
    ] {
        assert!(WebToken::parse(&text).is_err(), "{text}");
    }
}

#[test]
fn sets_have_limits() {
    let malformed = Err(UnusableKeySet::Malformed);
    for json in ["", "[]", "{}", r#"{"keys": {}}"#] {
        assert_eq!(KeySet::parse(json.as_bytes()), malformed, "{json}");
    }
    let many = json!({"keys": vec![json!({}); 201]}).to_string();
    let large = format!(r#"{{"keys": []}}{}"#, " ".repeat(256 * 1024));
    for json in [many, large] {
        assert_eq!(
            KeySet::parse(json.as_bytes()),
            Err(UnusableKeySet::TooLarge)
        );
    }
    assert!(
        KeySet::parse(br#"{"keys": [1, {}, {"kty": "EC"}]}"#)
            .unwrap()
            .is_empty()
    );
}
