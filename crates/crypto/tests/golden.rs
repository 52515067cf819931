//! Stored forms of keys stay readable for ever, and what was made with them stays valid.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crypto::{KeyPair, KeyPairSpec, MacAlgorithm, MacKey, Message, Oaep, PublicKey, Signable};

/// A line for each kind of key: its name, PKCS#8, public key, and a signature of "golden" under each of its algorithms
/// (of 64 bytes of 7 under Ed25519ph), ciphertexts of it, or an encapsulated secret; in hexadecimal.
const KEYS: &str = include_str!("golden/keys.txt");

fn spec(name: &str) -> KeyPairSpec {
    let named = |spec: &KeyPairSpec| format!("{spec:?}") == name;
    KeyPairSpec::ALL.into_iter().find(named).unwrap()
}

#[test]
fn key_pairs() {
    let mut seen = Vec::new();
    for line in KEYS.lines() {
        let mut words = line.split(' ');
        let spec = spec(words.next().unwrap());
        let mut bytes = words.map(|word| hex::decode(word).unwrap());
        let (stored, public) = (bytes.next().unwrap(), bytes.next().unwrap());
        let key = KeyPair::from_pkcs8(spec, &stored).unwrap();
        assert_eq!(key.pkcs8().unwrap().expose(), &stored, "{spec:?}");
        assert_eq!(key.public_key().der(), public, "{spec:?}");
        let public = PublicKey::from_der(spec, &public).unwrap();
        for algorithm in spec.signing_algorithms() {
            let signable = Signable::new(spec, *algorithm, Message::Raw(b"golden"))
                .or_else(|_| Signable::new(spec, *algorithm, Message::Digest(&[7; 64])))
                .unwrap();
            let signature = bytes.next().unwrap();
            public.verify(&signable, &signature).unwrap();
        }
        match spec {
            KeyPairSpec::Rsa(_) => {
                for oaep in [Oaep::Sha1, Oaep::Sha256] {
                    let opened = key.decrypt(oaep, &bytes.next().unwrap()).unwrap();
                    assert_eq!(opened.expose(), b"golden");
                }
            }
            KeyPairSpec::MlKem(_) => {
                let secret = key.decapsulate(&bytes.next().unwrap()).unwrap();
                assert_eq!(secret.expose(), &bytes.next().unwrap());
            }
            _ => {}
        }
        assert_eq!(bytes.next(), None);
        seen.push(spec);
    }
    assert_eq!(seen, KeyPairSpec::ALL);
}

/// RFC 4231 section 4.2's message under keys of each length; computed with Python's `hmac`.
#[test]
fn mac_keys() {
    for (algorithm, expected) in [
        (MacAlgorithm::HmacSha224, MAC_224),
        (MacAlgorithm::HmacSha256, MAC_256),
        (MacAlgorithm::HmacSha384, MAC_384),
        (MacAlgorithm::HmacSha512, MAC_512),
    ] {
        let bytes: Vec<u8> = (0..algorithm.key_bytes() as u8).collect();
        let key = MacKey::from_bytes(algorithm, &bytes).unwrap();
        assert_eq!(key.secret_bytes().expose(), &bytes);
        assert_eq!(hex::encode(key.generate_mac(b"Hi There")), expected);
    }
}
const MAC_224: &str = "43fc5c7cfa09279a1fc91c152f6a5dc45465afbf95cc2d4c0cb8b0e3";
const MAC_256: &str = "278639ec02309d3afded1b273f1349ba63b9089c12476d716bee3ecc94673e9e";
const MAC_384: &str = concat!(
    "33c27544b29f14980411ffc14559e8e32747db297cae9e5f346d31f44db42ff5",
    "4f164e1ae83d57e595fa9e04f136904a"
);
const MAC_512: &str = concat!(
    "a3094851ee23a0111258d761c84a8874397304e578c0d166083d1c9f30fff1b8",
    "2597b5191fbce903be794e20d27099139d86bfa7cea79d864708720b16b67cf4"
);
