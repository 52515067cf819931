//! The one thing an operation cannot do without.

use crypto::{
    Hash, KeyPair, KeyPairSpec, MacAlgorithm, MacKey, Material, Message, ModuleFailure, NistCurve,
    Signable, SigningAlgorithm, random,
};
use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::{Outcome, process};

/// Length of the plaintexts and data keys of the benches, in bytes.
pub const PLAINTEXT_BYTES: usize = 32;
const PLAINTEXT: [u8; PLAINTEXT_BYTES] = [7; PLAINTEXT_BYTES];
const P256: KeyPairSpec = KeyPairSpec::Nist(NistCurve::P256);
const CONTEXT: &[u8] = b"what an encryption context may come to, about";

/// What kind of primitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Nothing: the signature was all.
    None,
    /// Seal a plaintext.
    Seal,
    /// Open a sealed plaintext.
    Open,
    /// Make a random key and seal it.
    Generate,
    /// The HMAC-SHA-256 of a plaintext.
    Mac,
    /// An ECDSA signature on P-256.
    Sign,
    /// Its verification.
    Verify,
}

/// A primitive, ready to run under a key of its own.
#[derive(Debug)]
pub struct Primitive {
    kind: Kind,
    material: Material,
    sealed: Vec<u8>,
    mac_key: MacKey,
    pair: KeyPair,
    signature: Vec<u8>,
}

impl Primitive {
    /// Makes a key for it.
    ///
    /// # Errors
    /// If sealing fails.
    pub fn new(kind: Kind) -> Result<Self, crypto::ModuleFailure> {
        let material = Material::generate();
        let sealed = material.seal(CONTEXT, &PLAINTEXT)?;
        let pair = KeyPair::generate(P256)?;
        let signature = pair.sign(&signable(&PLAINTEXT)?)?;
        Ok(Self {
            kind,
            material,
            sealed,
            mac_key: MacKey::generate(MacAlgorithm::HmacSha256),
            pair,
            signature,
        })
    }

    /// Runs it once; answers whether it went well.
    pub fn run(&self) -> bool {
        match self.kind {
            Kind::None => true,
            Kind::Seal => self.seals(&PLAINTEXT),
            Kind::Open => black_box(self.material.open(CONTEXT, black_box(&self.sealed))).is_ok(),
            Kind::Generate => self.seals(&random::bytes::<PLAINTEXT_BYTES>()),
            Kind::Mac => !black_box(self.mac_key.generate_mac(black_box(&PLAINTEXT))).is_empty(),
            Kind::Sign => signable(black_box(&PLAINTEXT))
                .and_then(|signable| self.pair.sign(&signable))
                .is_ok(),
            Kind::Verify => signable(black_box(&PLAINTEXT)).is_ok_and(|signable| {
                let public = self.pair.public_key();
                public.verify(&signable, &self.signature).is_ok()
            }),
        }
    }

    /// CPU time of one run in microseconds, when it is run in a loop for `seconds` and this process does nothing else.
    ///
    /// # Errors
    /// If it fails, or this kernel does not tell.
    pub fn cpu_micros(&self, seconds: f64) -> Outcome<f64> {
        let this = std::process::id();
        let (began, wanted) = (Instant::now(), Duration::from_secs_f64(seconds));
        let before = process::cpu_seconds(this)?;
        let mut runs = 0.0;
        while runs == 0.0 || began.elapsed() < wanted {
            for _ in 0..16 {
                if !self.run() {
                    return Err(format!("{:?} failed", self.kind).into());
                }
            }
            runs += 16.0;
        }
        Ok((process::cpu_seconds(this)? - before) * 1e6 / runs)
    }

    fn seals(&self, plaintext: &[u8]) -> bool {
        black_box(self.material.seal(CONTEXT, black_box(plaintext))).is_ok()
    }
}

fn signable(message: &[u8]) -> Result<Signable<'_>, ModuleFailure> {
    let algorithm = SigningAlgorithm::Ecdsa(Hash::Sha256);
    Signable::new(P256, algorithm, Message::Raw(message)).map_err(|_| ModuleFailure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_runs() {
        for kind in <Kind as clap::ValueEnum>::value_variants() {
            assert!(Primitive::new(*kind).unwrap().run(), "{kind:?}");
        }
    }

    #[test]
    fn a_signature_costs_more_than_nothing() {
        let cost = |kind| Primitive::new(kind).unwrap().cpu_micros(0.02).unwrap();
        assert!(cost(Kind::Sign) > 5.0 * cost(Kind::None));
    }
}
