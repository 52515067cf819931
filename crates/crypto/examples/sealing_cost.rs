//! What sealing costs.
//!
//! `cargo run --release -p crypto --example sealing_cost`

#![expect(clippy::print_stdout, reason = "it is a program that prints")]

use crypto::{KeyRing, Material, random};
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// The best of several rounds, in nanoseconds a call: other work on the machine only ever adds.
fn cost(mut call: impl FnMut()) -> u128 {
    const CALLS: u32 = 20_000;
    let round = |call: &mut dyn FnMut()| {
        let began = Instant::now();
        (0..CALLS).for_each(|_| call());
        began.elapsed()
    };
    let best = (0..15)
        .map(|_| round(&mut call))
        .min()
        .unwrap_or(Duration::MAX);
    (best / CALLS).as_nanos()
}

fn main() -> Result<(), Box<dyn Error>> {
    let material = Material::generate();
    let aad = [3; 64];
    for length in [64, 1024, 4096] {
        let plaintext = vec![7; length];
        let sealed = material.seal(&aad, &plaintext)?;
        let seal = cost(|| drop(black_box(material.seal(&aad, &plaintext))));
        let open = cost(|| drop(black_box(material.open(&aad, &sealed))));
        println!("material, {length:>4} bytes: seal {seal} ns, open {open} ns");
    }
    println!(
        "random, 32 bytes: {} ns",
        cost(|| assert_ne!(black_box(random::bytes::<32>()), [0; 32]))
    );
    let segment = KeyRing::ephemeral()?.new_segment("bench")?;
    let (frame, mut out) = (vec![7; 1024], Vec::with_capacity(2048));
    let seal = cost(|| {
        out.clear();
        let _ = black_box(segment.seal(segment.reserve(1), &frame, &mut out));
    });
    println!("segment, 1024 bytes: seal {seal} ns");
    Ok(())
}
