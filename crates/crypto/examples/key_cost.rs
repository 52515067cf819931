//! What signing, verifying and message authentication cost above the bare primitive.
//!
//! `cargo run --release -p crypto --example key_cost`

#![expect(clippy::print_stdout, reason = "it is a program that prints")]

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::{hmac, signature};
use crypto::{KeyPair, KeyPairSpec, MacAlgorithm, MacKey, Message, NistCurve, RsaSize, Signable};
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

const MESSAGE: &[u8] = &[7; 64];

/// The best of several rounds, in nanoseconds a call: other work on the machine only ever adds.
fn cost(calls: u32, mut call: impl FnMut()) -> u128 {
    let round = |call: &mut dyn FnMut()| {
        let began = Instant::now();
        (0..calls).for_each(|_| call());
        began.elapsed()
    };
    let best = (0..10)
        .map(|_| round(&mut call))
        .min()
        .unwrap_or(Duration::MAX);
    (best / calls).as_nanos()
}

fn main() -> Result<(), Box<dyn Error>> {
    for spec in KeyPairSpec::ALL {
        let key = KeyPair::generate(spec)?;
        for algorithm in spec.signing_algorithms() {
            let Ok(signable) = Signable::new(spec, *algorithm, Message::Raw(MESSAGE)) else {
                continue;
            };
            let signed = key.sign(&signable)?;
            let sign = cost(50, || {
                if let Ok(signable) = Signable::new(spec, *algorithm, Message::Raw(MESSAGE)) {
                    drop(black_box(key.sign(&signable)));
                }
            });
            let verify = cost(50, || {
                if let Ok(signable) = Signable::new(spec, *algorithm, Message::Raw(MESSAGE)) {
                    let _ = black_box(key.public_key().verify(&signable, &signed));
                }
            });
            println!("{spec:?} {algorithm:?}: sign {sign} ns, verify {verify} ns");
        }
    }
    bare()?;
    let key = MacKey::generate(MacAlgorithm::HmacSha256);
    let mac = cost(20_000, || drop(black_box(key.generate_mac(MESSAGE))));
    let bare = hmac::Key::new(hmac::HMAC_SHA256, key.secret_bytes().expose());
    let primitive = cost(20_000, || {
        black_box(hmac::sign(&bare, MESSAGE));
    });
    println!("HMAC-SHA-256: {mac} ns, bare {primitive} ns");
    Ok(())
}

fn bare() -> Result<(), Box<dyn Error>> {
    let random = SystemRandom::new();
    let key = KeyPair::generate(KeyPairSpec::Nist(NistCurve::P256))?;
    let bare = signature::EcdsaKeyPair::from_pkcs8(
        &signature::ECDSA_P256_SHA256_ASN1_SIGNING,
        key.pkcs8()?.expose(),
    )?;
    let sign = cost(50, || {
        let _ = black_box(bare.sign(&random, MESSAGE));
    });
    println!("bare ECDSA P-256: sign {sign} ns");
    let key = KeyPair::generate(KeyPairSpec::Rsa(RsaSize::Bits2048))?;
    let bare = signature::RsaKeyPair::from_pkcs8(key.pkcs8()?.expose())?;
    let mut buffer = vec![0; bare.public_modulus_len()];
    let sign = cost(50, || {
        let _ = black_box(bare.sign(&signature::RSA_PSS_SHA256, &random, MESSAGE, &mut buffer));
    });
    println!("bare RSASSA-PSS 2048: sign {sign} ns");
    Ok(())
}
