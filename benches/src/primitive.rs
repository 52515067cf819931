//! The one thing an operation cannot do without.

use crypto::{Material, random};
use std::hint::black_box;

/// Length of the plaintexts and data keys of the benches, in bytes.
pub const PLAINTEXT_BYTES: usize = 32;
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
}

/// A primitive, ready to run under a key of its own.
#[derive(Debug)]
pub struct Primitive {
    kind: Kind,
    material: Material,
    sealed: Vec<u8>,
}

impl Primitive {
    /// Makes a key for it.
    ///
    /// # Errors
    /// If sealing fails.
    pub fn new(kind: Kind) -> Result<Self, crypto::ModuleFailure> {
        let material = Material::generate();
        let sealed = material.seal(CONTEXT, &[7; PLAINTEXT_BYTES])?;
        Ok(Self {
            kind,
            material,
            sealed,
        })
    }

    /// Runs it once; answers whether it went well.
    pub fn run(&self) -> bool {
        match self.kind {
            Kind::None => true,
            Kind::Seal => self.seals(&[7; PLAINTEXT_BYTES]),
            Kind::Open => black_box(self.material.open(CONTEXT, black_box(&self.sealed))).is_ok(),
            Kind::Generate => self.seals(&random::bytes::<PLAINTEXT_BYTES>()),
        }
    }

    fn seals(&self, plaintext: &[u8]) -> bool {
        black_box(self.material.seal(CONTEXT, black_box(plaintext))).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_runs() {
        for kind in [Kind::None, Kind::Seal, Kind::Open, Kind::Generate] {
            assert!(Primitive::new(kind).unwrap().run(), "{kind:?}");
        }
    }
}
