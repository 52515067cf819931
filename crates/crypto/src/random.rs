//! Randomness, drawn from aws-lc in blocks because each draw costs a third of a microsecond.

use k256::elliptic_curve::rand_core::{TryCryptoRng, TryRng};
use std::cell::RefCell;
use std::convert::Infallible;
use zeroize::Zeroizing;

/// Bytes drawn at once for each thread.
const BLOCK_BYTES: usize = 4096;
/// Longer requests go to aws-lc directly.
const LARGEST_FROM_BLOCK: usize = 256;

struct Block {
    bytes: Zeroizing<Vec<u8>>,
    used: usize,
}

thread_local! {
    static BLOCK: RefCell<Block> = RefCell::new(Block { bytes: Zeroizing::new(vec![0; BLOCK_BYTES]), used: BLOCK_BYTES });
}

/// Fills `target` with random bytes fit for keys.
pub fn fill(target: &mut [u8]) {
    if target.len() > LARGEST_FROM_BLOCK {
        return draw(target);
    }
    let taken = BLOCK.try_with(|block| match block.try_borrow_mut() {
        Ok(mut block) => block.take(target),
        Err(_) => false,
    });
    // A thread that is ending has lost its block.
    if !matches!(taken, Ok(true)) {
        draw(target);
    }
}

/// `N` random bytes fit for keys.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

/// The same randomness for libraries that want a generator.
pub(crate) struct Generator;

impl TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_ne_bytes(bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_ne_bytes(bytes()))
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), Infallible> {
        fill(target);
        Ok(())
    }
}

impl TryCryptoRng for Generator {}

impl Block {
    /// Hands out the next unused bytes and wipes them here. False if the block is shorter than asked.
    fn take(&mut self, target: &mut [u8]) -> bool {
        if self.bytes.len() - self.used < target.len() {
            draw(&mut self.bytes);
            self.used = 0;
        }
        let end = self.used + target.len();
        let Some(fresh) = self.bytes.get_mut(self.used..end) else {
            return false;
        };
        target.copy_from_slice(fresh);
        fresh.fill(0);
        self.used = end;
        true
    }
}

/// A machine without randomness must not go on: keys made there would be known. aws-lc itself ends the process then,
/// so this error has not been seen.
fn draw(target: &mut [u8]) {
    if aws_lc_rs::rand::fill(target).is_err() {
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn never_hands_out_the_same_bytes_twice() {
        let mut seen = HashSet::new();
        for _ in 0..BLOCK_BYTES {
            assert!(seen.insert(bytes::<16>()));
        }
    }

    #[test]
    fn fills_every_length() {
        for length in [0usize, 1, 31, 255, 256, 257, 5000] {
            let mut target = vec![0u8; length];
            fill(&mut target);
            let zeros = target.iter().filter(|byte| **byte == 0).count();
            assert!(zeros <= 4 + length / 64, "{length}: {zeros} zero bytes");
        }
    }

    #[test]
    fn wipes_what_it_hands_out() {
        let mut block = Block {
            bytes: Zeroizing::new(vec![0; BLOCK_BYTES]),
            used: BLOCK_BYTES,
        };
        let mut target = [0u8; 64];
        assert!(block.take(&mut target));
        assert_ne!(target, [0u8; 64]);
        assert_eq!(block.bytes[..64], [0u8; 64]);
        assert_ne!(block.bytes[64..128], [0u8; 64]);
    }
}
