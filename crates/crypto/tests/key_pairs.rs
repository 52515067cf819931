//! What holds for key pairs of every kind.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use crypto::{
    Hash, KeyPair, KeyPairSpec, KeyRejected, MacAlgorithm, MacKey, Message, MlDsaSet,
    ModuleFailure, NistCurve, NotAuthentic, Oaep, PublicKey, RsaSize, Signable, SigningAlgorithm,
};
use proptest::prelude::*;
use std::sync::LazyLock;

/// One key of each kind: RSA ones take long to make.
static KEYS: LazyLock<Vec<KeyPair>> = LazyLock::new(|| {
    let generate = |spec| KeyPair::generate(spec).unwrap();
    KeyPairSpec::ALL.into_iter().map(generate).collect()
});

fn key(spec: KeyPairSpec) -> &'static KeyPair {
    KEYS.iter().find(|key| key.spec() == spec).unwrap()
}

/// Every message of every kind of key that fits.
fn signables<'a>(spec: KeyPairSpec, message: &'a [u8], digest: &'a [u8; 64]) -> Vec<Signable<'a>> {
    let forms = |algorithm: SigningAlgorithm| {
        let length = match algorithm {
            SigningAlgorithm::RsassaPss(hash)
            | SigningAlgorithm::RsassaPkcs1V15(hash)
            | SigningAlgorithm::Ecdsa(hash) => hash.digest_bytes(),
            _ => 64,
        };
        [
            Message::Raw(message),
            Message::Digest(&digest[..length]),
            Message::ExternalMu(digest),
        ]
        .into_iter()
        .filter_map(move |form| Signable::new(spec, algorithm, form).ok())
    };
    spec.signing_algorithms()
        .iter()
        .copied()
        .flat_map(forms)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn verifies_what_it_signed_and_nothing_else(message: Vec<u8>, digest: [u8; 64], other: [u8; 64], bit: usize) {
        for key in KEYS.iter() {
            let public = PublicKey::from_der(key.spec(), key.public_key().der()).unwrap();
            for (at, signable) in signables(key.spec(), &message, &digest).iter().enumerate() {
                let mut signature = key.sign(signable).unwrap();
                prop_assert_eq!(public.verify(signable, &signature), Ok(()));
                prop_assert_eq!(key.public_key().verify(signable, &signature), Ok(()));
                let mut longer = message.clone();
                longer.push(0);
                let changed = &signables(key.spec(), &longer, &other)[at];
                prop_assert_eq!(public.verify(changed, &signature), Err(NotAuthentic));
                let bit = bit % (8 * signature.len());
                signature[bit / 8] ^= 1 << (bit % 8);
                prop_assert_eq!(public.verify(signable, &signature), Err(NotAuthentic));
            }
        }
    }

    #[test]
    fn decrypts_what_was_encrypted(seed: [u8; 512], length: usize, bit: usize) {
        for size in [RsaSize::Bits2048, RsaSize::Bits3072, RsaSize::Bits4096] {
            let key = key(KeyPairSpec::Rsa(size));
            for oaep in [Oaep::Sha1, Oaep::Sha256] {
                let plaintext = &seed[..length % (oaep.longest_plaintext(size) + 1)];
                let mut ciphertext = key.public_key().encrypt(oaep, plaintext).unwrap();
                prop_assert_eq!(ciphertext.len(), size.bytes());
                let opened = key.decrypt(oaep, &ciphertext).unwrap();
                prop_assert_eq!(opened.expose(), plaintext);
                let bit = bit % (8 * ciphertext.len());
                ciphertext[bit / 8] ^= 1 << (bit % 8);
                prop_assert_eq!(key.decrypt(oaep, &ciphertext).err(), Some(NotAuthentic));
            }
        }
    }
}

/// Whichever bit of a stored key changes, it is refused or is another key. Two bits say nothing of the key: the version
/// (RFC 5958 section 2: 1 allows a public key beside the private one and asks for none), and the form of the point, which
/// the one library that reads secp256k1 also takes as hybrid.
#[test]
fn altered_private_keys_are_refused_or_another_key() {
    for key in KEYS
        .iter()
        .filter(|key| !matches!(key.spec(), KeyPairSpec::Rsa(_)))
    {
        let stored = key.pkcs8().unwrap();
        let der = stored.expose();
        let version = der.windows(3).position(|bytes| bytes == [2, 1, 0]).unwrap() + 2;
        let point = der.len().checked_sub(65);
        for bit in 0..8 * der.len() {
            let mut altered = der.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let says_nothing = altered[version] == 1
                || key.spec() == KeyPairSpec::Secp256k1
                    && point.is_some_and(|at| [6, 7].contains(&altered[at]));
            if let Ok(other) = KeyPair::from_pkcs8(key.spec(), &altered) {
                let same = other.pkcs8().unwrap() == stored;
                assert_eq!(same, says_nothing, "{:?}, bit {bit}", key.spec());
            }
        }
    }
}

#[test]
fn longest_plaintexts() {
    // AWS KMS API Reference, Encrypt.
    for (size, sha_1, sha_256) in [
        (RsaSize::Bits2048, 214, 190),
        (RsaSize::Bits3072, 342, 318),
        (RsaSize::Bits4096, 470, 446),
    ] {
        assert_eq!(Oaep::Sha1.longest_plaintext(size), sha_1);
        assert_eq!(Oaep::Sha256.longest_plaintext(size), sha_256);
        let public = key(KeyPairSpec::Rsa(size)).public_key();
        for (oaep, longest) in [(Oaep::Sha1, sha_1), (Oaep::Sha256, sha_256)] {
            assert!(public.encrypt(oaep, &vec![7; longest]).is_ok());
            assert_eq!(
                public.encrypt(oaep, &vec![7; longest + 1]),
                Err(ModuleFailure)
            );
        }
    }
}

#[test]
fn a_key_is_of_its_own_kind_only() {
    for key in KEYS.iter() {
        let (private, public) = (key.pkcs8().unwrap(), key.public_key().der());
        for spec in KeyPairSpec::ALL {
            let own = spec == key.spec();
            assert_eq!(
                KeyPair::from_pkcs8(spec, private.expose()).is_ok(),
                own,
                "{spec:?}"
            );
            assert_eq!(PublicKey::from_der(spec, public).is_ok(), own, "{spec:?}");
        }
    }
}

#[test]
fn nothing_may_lack_or_follow() {
    for key in KEYS.iter() {
        let (private, public) = (key.pkcs8().unwrap(), key.public_key().der());
        let spec = key.spec();
        let again = KeyPair::from_pkcs8(spec, private.expose()).unwrap();
        assert_eq!(again.pkcs8().unwrap(), private, "{spec:?}");
        for bad in [
            [private.expose(), &[0][..]].concat(),
            private.expose()[..private.expose().len() - 1].to_vec(),
            private.expose()[1..].to_vec(),
            Vec::new(),
        ] {
            let refused = KeyPair::from_pkcs8(spec, &bad).err();
            assert_eq!(refused, Some(KeyRejected), "{spec:?}");
        }
        for bad in [
            [public, &[0]].concat(),
            public[..public.len() - 1].to_vec(),
            public[1..].to_vec(),
            Vec::new(),
        ] {
            let refused = PublicKey::from_der(spec, &bad).err();
            assert_eq!(refused, Some(KeyRejected), "{spec:?}");
        }
    }
}

#[test]
fn both_sides_agree() {
    for curve in [NistCurve::P256, NistCurve::P384, NistCurve::P521] {
        let spec = KeyPairSpec::Nist(curve);
        let (one, other) = (key(spec), KeyPair::generate(spec).unwrap());
        let secret = one.agree(other.public_key().der()).unwrap();
        assert_eq!(other.agree(one.public_key().der()).unwrap(), secret);
        for stranger in KEYS.iter().filter(|key| key.spec() != spec) {
            assert_eq!(one.agree(stranger.public_key().der()), Err(NotAuthentic));
        }
        let trailing = [other.public_key().der(), &[0]].concat();
        assert_eq!(one.agree(&trailing), Err(NotAuthentic));
        let bare_point = &other.public_key().der()[26..];
        assert_eq!(one.agree(bare_point), Err(NotAuthentic));
    }
}

#[test]
fn both_sides_have_the_encapsulated_secret() {
    for key in KEYS
        .iter()
        .filter(|key| matches!(key.spec(), KeyPairSpec::MlKem(_)))
    {
        let encapsulated = key.public_key().encapsulate().unwrap();
        let mut ciphertext = encapsulated.ciphertext;
        assert_eq!(encapsulated.shared_secret.expose().len(), 32);
        let secret = key.decapsulate(&ciphertext).unwrap();
        assert_eq!(secret, encapsulated.shared_secret);
        ciphertext[0] ^= 1;
        assert_ne!(key.decapsulate(&ciphertext).unwrap(), secret);
        ciphertext.pop();
        assert_eq!(key.decapsulate(&ciphertext), Err(NotAuthentic));
    }
}

#[test]
fn keys_do_only_what_their_kind_does() {
    let message = Signable::new(
        KeyPairSpec::Secp256k1,
        SigningAlgorithm::Ecdsa(Hash::Sha256),
        Message::Raw(b"m"),
    )
    .unwrap();
    for key in KEYS.iter() {
        let public = key.public_key();
        if !matches!(key.spec(), KeyPairSpec::Rsa(_)) {
            assert_eq!(key.decrypt(Oaep::Sha1, &[0; 256]), Err(NotAuthentic));
            assert_eq!(public.encrypt(Oaep::Sha1, b"x"), Err(ModuleFailure));
        }
        if !matches!(key.spec(), KeyPairSpec::Nist(_)) {
            assert_eq!(key.agree(public.der()), Err(NotAuthentic));
        }
        if !matches!(key.spec(), KeyPairSpec::MlKem(_)) {
            assert_eq!(key.decapsulate(&[0; 768]), Err(NotAuthentic));
            assert_eq!(public.encapsulate().err(), Some(ModuleFailure));
        }
        let ecdsa_256 = KeyPairSpec::Nist(NistCurve::P256);
        if key.spec() != KeyPairSpec::Secp256k1 && key.spec() != ecdsa_256 {
            assert_eq!(key.sign(&message), Err(ModuleFailure), "{key:?}");
            assert_eq!(public.verify(&message, &[0; 64]), Err(NotAuthentic));
        }
    }
}

/// Signatures over μ are signatures of the message, so that two libraries check each other.
#[test]
fn a_signature_over_mu_is_one_of_the_message() {
    fn mu<P: ml_dsa::MlDsaParams>(public: &[u8], message: &[u8]) -> Vec<u8> {
        use ml_dsa::signature::digest::Update;
        let key = ml_dsa::VerifyingKey::<P>::decode(public.try_into().unwrap());
        let write = |state: &mut _| {
            Update::update(state, message);
            Ok(())
        };
        key.compute_mu(write, b"").unwrap().to_vec()
    }
    for set in [MlDsaSet::MlDsa44, MlDsaSet::MlDsa65, MlDsaSet::MlDsa87] {
        let key = key(KeyPairSpec::MlDsa(set));
        let public = &key.public_key().der()[22..];
        let mu = match set {
            MlDsaSet::MlDsa44 => mu::<ml_dsa::MlDsa44>(public, b"message"),
            MlDsaSet::MlDsa65 => mu::<ml_dsa::MlDsa65>(public, b"message"),
            MlDsaSet::MlDsa87 => mu::<ml_dsa::MlDsa87>(public, b"message"),
        };
        let forms = [Message::Raw(b"message"), Message::ExternalMu(&mu)];
        let algorithm = SigningAlgorithm::MlDsaShake256;
        let [raw, external] = forms.map(|form| Signable::new(key.spec(), algorithm, form).unwrap());
        for (signed, verified) in [(&raw, &external), (&external, &raw)] {
            let signature = key.sign(signed).unwrap();
            assert_eq!(key.public_key().verify(verified, &signature), Ok(()));
        }
    }
}

#[test]
fn macs() {
    for algorithm in MacAlgorithm::ALL {
        let key = MacKey::generate(algorithm);
        let mac = key.generate_mac(b"message");
        assert_eq!(mac.len(), algorithm.key_bytes());
        assert_eq!(key.verify_mac(b"message", &mac), Ok(()));
        assert_eq!(key.verify_mac(b"massage", &mac), Err(NotAuthentic));
        for length in 0..mac.len() {
            assert_eq!(
                key.verify_mac(b"message", &mac[..length]),
                Err(NotAuthentic)
            );
        }
        assert_eq!(
            key.verify_mac(b"message", &[&mac[..], &[0]].concat()),
            Err(NotAuthentic)
        );
        assert_ne!(MacKey::generate(algorithm).generate_mac(b"message"), mac);
        let bytes = key.secret_bytes().expose();
        let again = MacKey::from_bytes(algorithm, bytes).unwrap();
        assert_eq!(again.generate_mac(b"message"), mac);
        for length in [0, bytes.len() - 1] {
            let refused = MacKey::from_bytes(algorithm, &bytes[..length]).err();
            assert_eq!(refused, Some(KeyRejected));
        }
    }
}

#[test]
fn debug_hides() {
    for key in KEYS.iter() {
        assert_eq!(format!("{key:?}"), format!("KeyPair({:?}, …)", key.spec()));
    }
    let key = MacKey::generate(MacAlgorithm::HmacSha256);
    assert_eq!(format!("{key:?}"), "MacKey(HmacSha256, …)");
}
