//! Unwrapping of imported material, step by step as another implementation would wrap it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrapPadded};
use crypto::{ImportWrapping, KeyPair, KeyPairSpec, NotAuthentic, Oaep, RsaSize};
use std::sync::LazyLock;

static KEY: LazyLock<KeyPair> =
    LazyLock::new(|| KeyPair::generate(KeyPairSpec::Rsa(RsaSize::Bits2048)).unwrap());

fn wrap(oaep: Oaep, aes_key: &[u8], material: &[u8]) -> Vec<u8> {
    let cipher = if aes_key.len() == 16 {
        &AES_128
    } else {
        &AES_256
    };
    let mut buffer = vec![0; material.len() + 16];
    let kek = AesKek::new(cipher, aes_key).unwrap();
    let wrapped = kek.wrap_with_padding(material, &mut buffer).unwrap();
    [&KEY.public_key().encrypt(oaep, aes_key).unwrap(), &*wrapped].concat()
}

#[test]
fn unwraps_what_was_wrapped() {
    for oaep in [Oaep::Sha1, Oaep::Sha256] {
        for length in [1, 28, 32, 48, 64, 138, 190] {
            let material = vec![length as u8; length];
            let wrapped = KEY.public_key().encrypt(oaep, &material).unwrap();
            let opened = ImportWrapping::RsaesOaep(oaep).unwrap(&KEY, &wrapped);
            assert_eq!(opened.unwrap().expose(), &material);
        }
        for length in [1, 28, 32, 48, 64, 138, 1218, 2375] {
            let material = vec![length as u8; length];
            let wrapped = wrap(oaep, &[9; 32], &material);
            let opened = ImportWrapping::RsaAesKeyWrap(oaep).unwrap(&KEY, &wrapped);
            assert_eq!(opened.unwrap().expose(), &material);
        }
    }
}

#[test]
fn refuses_everything_else() {
    let good = wrap(Oaep::Sha256, &[9; 32], &[7; 32]);
    let unwrap = |bytes: &[u8]| ImportWrapping::RsaAesKeyWrap(Oaep::Sha256).unwrap(&KEY, bytes);
    for length in 0..good.len() {
        assert_eq!(unwrap(&good[..length]), Err(NotAuthentic), "{length}");
    }
    assert_eq!(unwrap(&[&good[..], &[0]].concat()), Err(NotAuthentic));
    assert_eq!(unwrap(&[&good[..], &[0; 8]].concat()), Err(NotAuthentic));
    for at in 0..good.len() {
        let mut altered = good.clone();
        altered[at] ^= 1;
        assert_eq!(unwrap(&altered), Err(NotAuthentic), "{at}");
    }
    let short_key = wrap(Oaep::Sha256, &[9; 16], &[7; 32]);
    assert_eq!(unwrap(&short_key), Err(NotAuthentic));
    let other_hash = wrap(Oaep::Sha1, &[9; 32], &[7; 32]);
    assert_eq!(unwrap(&other_hash), Err(NotAuthentic));
    let plain = ImportWrapping::RsaesOaep(Oaep::Sha256).unwrap(&KEY, &good);
    assert_eq!(plain, Err(NotAuthentic));
    let not_rsa = KeyPair::generate(KeyPairSpec::Ed25519).unwrap();
    let wrong = ImportWrapping::RsaAesKeyWrap(Oaep::Sha256).unwrap(&not_rsa, &good);
    assert_eq!(wrong, Err(NotAuthentic));
}
